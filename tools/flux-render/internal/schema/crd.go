package schema

import (
	"fmt"
	"sort"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// isCRD reports whether an object is a CustomResourceDefinition.
func isCRD(object map[string]any) bool {
	return object["kind"] == "CustomResourceDefinition" && object["apiVersion"] == "apiextensions.k8s.io/v1"
}

// fromCRD returns a stored kind for each version of a CustomResourceDefinition.
func fromCRD(object map[string]any) ([]*stored, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, &crd); err != nil {
		return nil, fmt.Errorf("is not a valid CustomResourceDefinition: %w", err)
	}
	var kinds []*stored
	for _, version := range crd.Spec.Versions {
		kind := &stored{
			Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind,
			Namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
			Unserved:   !version.Served, Deprecated: version.Deprecated,
			HasStatus: version.Subresources != nil && version.Subresources.Status != nil,
			Loose:     crd.Spec.PreserveUnknownFields,
		}
		if version.DeprecationWarning != nil {
			kind.Warning = *version.DeprecationWarning
		}
		if version.Schema != nil {
			kind.Schema = version.Schema.OpenAPIV3Schema
			withoutDescriptions(kind.Schema)
		}
		kinds = append(kinds, kind)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].id().String() < kinds[j].id().String() })
	return kinds, nil
}

// withoutDescriptions removes everything that no check reads, which is most of a schema.
func withoutDescriptions(props *apiextensionsv1.JSONSchemaProps) {
	if props == nil {
		return
	}
	props.Description, props.Example, props.ExternalDocs, props.Title = "", nil, nil, ""
	for _, children := range []map[string]apiextensionsv1.JSONSchemaProps{props.Properties, props.PatternProperties} {
		for name, child := range children {
			withoutDescriptions(&child)
			children[name] = child
		}
	}
	for _, children := range [][]apiextensionsv1.JSONSchemaProps{props.AllOf, props.AnyOf, props.OneOf} {
		for index := range children {
			withoutDescriptions(&children[index])
		}
	}
	withoutDescriptions(props.Not)
	if props.Items != nil {
		withoutDescriptions(props.Items.Schema)
	}
	if props.AdditionalProperties != nil {
		withoutDescriptions(props.AdditionalProperties.Schema)
	}
}
