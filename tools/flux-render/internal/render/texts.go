package render

import (
	"sort"

	"k8s-gitops/tools/flux-render/internal/field"
)

// walkTexts visits every string of an object in a fixed order until visit returns false.
func walkTexts(value any, at string, visit func(at, text string) bool) bool {
	switch value := value.(type) {
	case string:
		return visit(at, value)
	case []any:
		for index, item := range value {
			if !walkTexts(item, field.Item(at, index), visit) {
				return false
			}
		}
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			if !walkTexts(value[key], field.Key(at, key), visit) {
				return false
			}
		}
	}
	return true
}
