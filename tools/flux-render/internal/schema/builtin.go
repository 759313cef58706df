package schema

import (
	"fmt"
	"regexp"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/kubernetes/scheme"
)

var strictDecoder = func() runtime.Decoder {
	if err := apiextensionsv1.AddToScheme(scheme.Scheme); err != nil {
		panic(err) // two types under one name: a programming error
	}
	return serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
}()

func unmarshal(raw []byte, into any) error { return json.Unmarshal(raw, into) }

// validateBuiltIn relies on the Go type for types and unknown fields, like the API server: it knows quantities, times
// and int-or-string values. The OpenAPI schema says which fields are required, which keys identify list items, and where
// a value has the wrong type.
func validateBuiltIn(original map[string]any, found *kind) []violation {
	object, _ := withoutNulls(runtime.DeepCopyJSON(original)).(map[string]any)
	unknown, wrongType, typed := decodeStrictly(original, found)
	if !typed {
		tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		unknown = pruning.PruneWithOptions(runtime.DeepCopyJSON(object), found.structural, true, tracked)
	}
	var violations []violation
	for _, path := range unknown {
		violations = append(violations, unknownField(path))
	}
	located := false
	for _, invalid := range validation.ValidateCustomResource(nil, object, found.validator) {
		switch {
		case invalid.Type == field.ErrorTypeRequired:
			violations = append(violations, toViolation("schema-invalid", invalid))
		case wrongType != nil || !typed:
			located = true
			violations = append(violations, toViolation("schema-invalid", invalid))
		}
	}
	if wrongType != nil {
		if !located {
			violations = append(violations, typeViolation(wrongType))
		}
		return violations
	}
	defaulting.Default(object, found.structural)
	for _, invalid := range listtype.ValidateListSetsAndMaps(nil, found.structural, object) {
		violations = append(violations, toViolation("schema-invalid", invalid))
	}
	return violations
}

var quotedField = regexp.MustCompile(`^(?:unknown|duplicate) field "(.*)"$`)

// decodeStrictly decodes an object into its Go type; typed is false if this program has no such type.
func decodeStrictly(object map[string]any, found *kind) (unknown []string, wrongType error, typed bool) {
	id := found.id()
	if !scheme.Scheme.Recognizes(schema.GroupVersionKind{Group: id.group, Version: id.version, Kind: id.kind}) {
		return nil, nil, false
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err, true
	}
	_, _, err = strictDecoder.Decode(text, nil, nil)
	strict, isStrict := runtime.AsStrictDecodingError(err)
	if !isStrict {
		return nil, err, true
	}
	for _, fieldError := range strict.Errors() {
		if match := quotedField.FindStringSubmatch(fieldError.Error()); match != nil {
			unknown = append(unknown, match[1])
		}
	}
	return unknown, nil, true
}

var goField = regexp.MustCompile(`cannot unmarshal (\S+) into Go struct field \S*?\.([\w.]+) of type (\S+)`)

// typeViolation translates a decoder error.
func typeViolation(err error) violation {
	if match := goField.FindStringSubmatch(err.Error()); match != nil {
		return violation{id: "schema-invalid", path: match[2],
			what: fmt.Sprintf("is a %s but must be of type %s", match[1], strings.TrimPrefix(match[3], "*"))}
	}
	return violation{id: "schema-invalid", what: "cannot be read: " + err.Error()}
}

// withoutNulls removes null values: for a Go type they are the same as missing ones.
func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, entry := range value {
			if entry == nil {
				delete(value, key)
			} else {
				value[key] = withoutNulls(entry)
			}
		}
	case []any:
		for index := range value {
			value[index] = withoutNulls(value[index])
		}
	}
	return value
}
