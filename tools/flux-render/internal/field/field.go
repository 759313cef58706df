// Package field writes paths into objects: `spec.list[0].name`, and `metadata.labels["app.kubernetes.io/name"]` for a
// key that is no plain word.
package field

import (
	"regexp"
	"strconv"
)

var plain = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

// Key is the path of an entry of a map.
func Key(parent, key string) string {
	switch {
	case !plain.MatchString(key):
		return parent + "[" + strconv.Quote(key) + "]"
	case parent == "":
		return key
	}
	return parent + "." + key
}

// Item is the path of an entry of a list.
func Item(parent string, index int) string { return parent + "[" + strconv.Itoa(index) + "]" }
