package provider

import (
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// unknown returns a value that is only known after apply.
func unknown() resource.PropertyValue {
	return resource.MakeComputed(resource.NewProperty(""))
}

// object returns an object of strings without the empty ones (null in Terraform's terms).
func object(values map[string]string) resource.PropertyValue {
	out := resource.PropertyMap{}

	for key, value := range values {
		if value != "" {
			out[resource.PropertyKey(key)] = resource.NewProperty(value)
		}
	}

	return resource.NewProperty(out)
}

// at returns the value at a dotted path, the zero value if it is missing or null.
func at(props resource.PropertyMap, path string) resource.PropertyValue {
	value := resource.NewProperty(props)

	for _, key := range strings.Split(path, ".") {
		if !value.IsObject() {
			return resource.PropertyValue{}
		}

		value = value.ObjectValue()[resource.PropertyKey(key)]
	}

	return value
}

// stringOf returns the string at a dotted path, "" if it is missing, unknown or not a string.
func stringOf(props resource.PropertyMap, path string) string {
	if value := at(props, path); value.IsString() {
		return value.StringValue()
	}

	return ""
}

// boolOf returns the boolean at a dotted path, false if there is none.
func boolOf(props resource.PropertyMap, path string) bool {
	value := at(props, path)

	return value.IsBool() && value.BoolValue()
}

// stringsOf returns the list of strings at a dotted path without nulls; known is false if any part is unknown.
func stringsOf(props resource.PropertyMap, path string) (list []string, known bool) {
	value := at(props, path)
	if value.IsComputed() {
		return nil, false
	}

	if !value.IsArray() {
		return nil, true
	}

	for _, item := range value.ArrayValue() {
		switch {
		case item.IsComputed():
			return nil, false
		case item.IsString():
			list = append(list, item.StringValue())
		}
	}

	return list, true
}

func isSet(value resource.PropertyValue) bool {
	return value.V != nil && !value.IsNull()
}

// copyOf returns a copy deep enough that markSecrets does not affect the original.
func copyOf(props resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}

	for key, value := range props {
		if value.IsObject() {
			value = resource.NewProperty(copyOf(value.ObjectValue()))
		}

		out[key] = value
	}

	return out
}

func withID(state resource.PropertyMap, id string) resource.PropertyMap {
	out := copyOf(state)
	out["id"] = resource.NewProperty(id)

	return out
}

// markSecret marks the value at a path as secret; like the official plugin it skips unknown and missing values.
func markSecret(props resource.PropertyMap, path []string) {
	key := resource.PropertyKey(path[0])
	value, set := props[key]

	switch {
	case !set || value.IsComputed() || value.IsNull():
	case len(path) == 1:
		props[key] = resource.MakeSecret(value)
	case value.IsObject():
		markSecret(value.ObjectValue(), path[1:])
	}
}

// changedKeys lists the top-level names whose values differ, sorted. An unknown value differs from any known one. The id
// is not a property.
func changedKeys(olds, news resource.PropertyMap) []string {
	changed := map[string]bool{}

	for _, pair := range [][2]resource.PropertyMap{{olds, news}, {news, olds}} {
		for key, value := range pair[0] {
			other := pair[1][key]
			same := isSet(value) == isSet(other) && (!isSet(value) || value.DeepEquals(other))
			if key != "id" && !same {
				changed[string(key)] = true
			}
		}
	}

	keys := make([]string, 0, len(changed))
	for key := range changed {
		keys = append(keys, key)
	}

	sort.Strings(keys)

	return keys
}

func diffResponse(changed, replace []string) *pulumirpc.DiffResponse {
	if len(changed) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	}

	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME, Diffs: changed, Replaces: replace}
}
