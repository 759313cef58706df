package schema

import (
	"strconv"
	"strings"

	"k8s-gitops/tools/flux-render/internal/field"
)

// canonical writes a path of the API server's libraries as ours. Theirs do not mark where a key with dots ends, so the
// object decides: the longest key that is there.
func canonical(object any, path string) string {
	made := ""
	rest := strings.TrimPrefix(path, "<nil>")
	for rest = strings.TrimPrefix(rest, "."); rest != ""; rest = strings.TrimPrefix(rest, ".") {
		if rest[0] == '[' {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return field.Key(made, rest)
			}
			inside := rest[1:end]
			rest = rest[end+1:]
			if items, isList := object.([]any); isList {
				index, err := strconv.Atoi(inside)
				if err != nil || index >= len(items) {
					// Lists with keys are named by them; the list itself is place enough.
					continue
				}
				made, object = field.Item(made, index), items[index]
				continue
			}
			made, object = field.Key(made, strings.Trim(inside, `"`)), entry(object, strings.Trim(inside, `"`))
			continue
		}
		key := longestKey(object, rest)
		rest = rest[len(key):]
		made, object = field.Key(made, key), entry(object, key)
	}
	return made
}

func entry(object any, key string) any {
	entries, _ := object.(map[string]any)
	return entries[key]
}

// longestKey is the key that a path begins with: one that is there, else up to the next dot or bracket.
func longestKey(object any, path string) string {
	best := ""
	if entries, isMap := object.(map[string]any); isMap {
		for key := range entries {
			ends := len(path) == len(key) || len(path) > len(key) && (path[len(key)] == '.' || path[len(key)] == '[')
			if len(key) > len(best) && strings.HasPrefix(path, key) && ends {
				best = key
			}
		}
	}
	if best != "" {
		return best
	}
	if end := strings.IndexAny(path, ".["); end > 0 {
		return path[:end]
	}
	return path
}
