// Package field formats field paths: `spec.list[0].name`, and `metadata.labels["app.kubernetes.io/name"]` for a key
// that is not a plain word.
package field

import (
	"regexp"
	"strconv"
)

var plain = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

// Key returns the path of a map entry.
func Key(parent, key string) string {
	switch {
	case !plain.MatchString(key):
		return parent + "[" + strconv.Quote(key) + "]"
	case parent == "":
		return key
	}
	return parent + "." + key
}

// Item returns the path of a list item.
func Item(parent string, index int) string { return parent + "[" + strconv.Itoa(index) + "]" }
