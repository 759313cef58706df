package schema

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// openAPI is the part of an OpenAPI v3 document that is used.
type openAPI struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]*component `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	RequestBody struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Kind struct {
		Group, Version, Kind string
	} `json:"x-kubernetes-group-version-kind"`
}

type component struct {
	Ref                  string                `json:"$ref"`
	Type                 string                `json:"type"`
	Format               string                `json:"format"`
	Default              json.RawMessage       `json:"default"`
	Required             []string              `json:"required"`
	Properties           map[string]*component `json:"properties"`
	AdditionalProperties *component            `json:"additionalProperties"`
	Items                *component            `json:"items"`
	AllOf                []*component          `json:"allOf"`
	OneOf                []*component          `json:"oneOf"`
	ListType             *string               `json:"x-kubernetes-list-type"`
	ListMapKeys          []string              `json:"x-kubernetes-list-map-keys"`
	MapType              *string               `json:"x-kubernetes-map-type"`
}

const componentPrefix = "#/components/schemas/"

// optionalFields are required by the OpenAPI schema but not by the API server, which has a default for them or accepts
// the zero value.
var optionalFields = map[string][]string{
	"io.k8s.api.rbac.v1.RoleRef":                     {"apiGroup"},
	"io.k8s.api.scheduling.v1.PriorityClass":         {"value"},
	"io.k8s.api.apps.v1.ControllerRevision":          {"revision"},
	"io.k8s.api.core.v1.HTTPHeader":                  {"value"},
	"io.k8s.api.core.v1.Sysctl":                      {"value"},
	"io.k8s.api.core.v1.ISCSIVolumeSource":           {"lun"},
	"io.k8s.api.core.v1.ISCSIPersistentVolumeSource": {"lun"},
	"io.k8s.api.core.v1.LimitRangeSpec":              {"limits"},
	"io.k8s.api.discovery.v1.EndpointSlice":          {"endpoints"},
	"io.k8s.api.storage.v1.TokenRequest":             {"audience"},
}

// fromOpenAPI returns the kinds that can be created according to the documents in a folder.
func fromOpenAPI(folder string) (kinds []*stored, groups []string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s contains no OpenAPI documents", folder)
	}
	sort.Strings(files)
	known := map[string]bool{}
	for _, file := range files {
		var document openAPI
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		if err := json.Unmarshal(content, &document); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, kind := range document.kinds() {
			kinds = append(kinds, kind)
			known[kind.Group] = true
		}
	}
	for group := range known {
		groups = append(groups, group)
	}
	sort.Strings(groups)
	return kinds, groups, nil
}

func (d *openAPI) kinds() []*stored {
	found := map[kindID]*stored{}
	for path, methods := range d.Paths {
		raw, hasPost := methods["post"]
		if !hasPost {
			continue
		}
		var post operation
		if json.Unmarshal(raw, &post) != nil || strings.HasSuffix(strings.TrimSuffix(path, "/"), "}") {
			continue
		}
		id := kindID{post.Kind.Group, post.Kind.Version, post.Kind.Kind}
		parts := strings.Split(path, "/")
		// A path such as /…/pods/{name}/eviction does not create an object.
		if len(parts) > 2 && parts[len(parts)-2] == "{name}" || id.kind == "" {
			continue
		}
		namespaced := strings.Contains(path, "/namespaces/{namespace}/")
		if known := found[id]; known != nil {
			known.Namespaced = known.Namespaced || namespaced
			continue
		}
		for _, content := range post.RequestBody.Content {
			name, isRef := strings.CutPrefix(content.Schema.Ref, componentPrefix)
			if !isRef {
				continue
			}
			props := d.resolve(&component{Ref: componentPrefix + name}, nil)
			found[id] = &stored{Group: id.group, Version: id.version, Kind: id.kind, BuiltIn: true,
				Namespaced: namespaced, Schema: &props}
		}
	}
	var kinds []*stored
	for _, kind := range found {
		kinds = append(kinds, kind)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].id().String() < kinds[j].id().String() })
	return kinds
}

// resolve inlines all references of a component. above lists the components being inlined, to stop at recursive ones.
func (d *openAPI) resolve(from *component, above []string) apiextensionsv1.JSONSchemaProps {
	anything := true
	if len(from.AllOf) == 1 && from.Ref == "" {
		from = from.AllOf[0] // a reference with a default; defaults of whole objects are empty
	}
	name := ""
	if from.Ref != "" {
		name = strings.TrimPrefix(from.Ref, componentPrefix)
		next := d.Components.Schemas[name]
		if next == nil || slices.Contains(above, name) {
			return apiextensionsv1.JSONSchemaProps{XPreserveUnknownFields: &anything}
		}
		above = append(above[:len(above):len(above)], name)
		from = next
	}
	if len(from.OneOf) > 0 {
		if from.Format == "int-or-string" {
			return apiextensionsv1.JSONSchemaProps{XIntOrString: true}
		}
		return apiextensionsv1.JSONSchemaProps{XPreserveUnknownFields: &anything} // a quantity, which its Go type validates
	}
	props := apiextensionsv1.JSONSchemaProps{
		Type: from.Type, Default: scalarDefault(from.Default), XListType: from.ListType,
		XListMapKeys: from.ListMapKeys, XMapType: from.MapType,
	}
	for _, required := range from.Required {
		if !slices.Contains(optionalFields[name], required) {
			props.Required = append(props.Required, required)
		}
	}
	if len(from.Properties) > 0 {
		props.Properties = map[string]apiextensionsv1.JSONSchemaProps{}
		for key, child := range from.Properties {
			props.Properties[key] = d.resolve(child, above)
		}
	}
	if from.Items != nil {
		items := d.resolve(from.Items, above)
		props.Items = &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &items}
	}
	switch {
	case from.AdditionalProperties != nil:
		values := d.resolve(from.AdditionalProperties, above)
		props.AdditionalProperties = &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: &values}
	case from.Type == "object" && len(from.Properties) == 0 || from.Type == "":
		props.XPreserveUnknownFields = &anything
	}
	return props
}

// scalarDefault returns a meaningful default. Zero values are Go's way to say "not set" and would hide that a required
// field is missing.
func scalarDefault(raw json.RawMessage) *apiextensionsv1.JSON {
	switch strings.TrimSpace(string(raw)) {
	case "", "null", "{}", "[]", `""`, "0", "false":
		return nil
	}
	return &apiextensionsv1.JSON{Raw: raw}
}
