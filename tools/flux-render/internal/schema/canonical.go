package schema

import (
	"strconv"
	"strings"

	"k8s-gitops/tools/flux-render/internal/field"
)

// canonical converts a field path of the API server's libraries to our notation. Theirs does not mark where a key with
// dots ends, so the longest key that exists in the object wins.
func canonical(object any, path string) string {
	result := ""
	rest := strings.TrimPrefix(path, "<nil>")
	for rest = strings.TrimPrefix(rest, "."); rest != ""; rest = strings.TrimPrefix(rest, ".") {
		if rest[0] == '[' {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return field.Key(result, rest)
			}
			inside := rest[1:end]
			rest = rest[end+1:]
			if items, isList := object.([]any); isList {
				index, err := strconv.Atoi(inside)
				if err != nil || index >= len(items) {
					// Items with keys are identified by them; pointing at the list is precise enough.
					continue
				}
				result, object = field.Item(result, index), items[index]
				continue
			}
			result, object = field.Key(result, strings.Trim(inside, `"`)), entry(object, strings.Trim(inside, `"`))
			continue
		}
		key := longestKey(object, rest)
		rest = rest[len(key):]
		result, object = field.Key(result, key), entry(object, key)
	}
	return result
}

func entry(object any, key string) any {
	entries, _ := object.(map[string]any)
	return entries[key]
}

// longestKey returns the key that a path starts with: an existing one, or everything up to the next dot or bracket.
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
