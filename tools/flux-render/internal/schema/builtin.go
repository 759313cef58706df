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
		panic(err) // two types under one name: a mistake of ours
	}
	return serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
}()

func unmarshal(raw []byte, into any) error { return json.Unmarshal(raw, into) }

// judgeBuiltIn trusts the Go type for types and unknown fields, as the API server does: it knows quantities, times and
// numbers-or-names. The OpenAPI says which fields are required, what identifies the items of a list, and where a wrong
// type is.
func judgeBuiltIn(original map[string]any, found *kind) []fault {
	object, _ := withoutNulls(runtime.DeepCopyJSON(original)).(map[string]any)
	unknown, wrongType, typed := decodeStrictly(original, found)
	if !typed {
		tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		unknown = pruning.PruneWithOptions(runtime.DeepCopyJSON(object), found.structural, true, tracked)
	}
	var faults []fault
	for _, path := range unknown {
		faults = append(faults, unknownField(path))
	}
	located := false
	for _, one := range validation.ValidateCustomResource(nil, object, found.validator) {
		switch {
		case one.Type == field.ErrorTypeRequired:
			faults = append(faults, toFault("schema-invalid", one))
		case wrongType != nil || !typed:
			located = true
			faults = append(faults, toFault("schema-invalid", one))
		}
	}
	if wrongType != nil {
		if !located {
			faults = append(faults, typeFault(wrongType))
		}
		return faults
	}
	defaulting.Default(object, found.structural)
	for _, one := range listtype.ValidateListSetsAndMaps(nil, found.structural, object) {
		faults = append(faults, toFault("schema-invalid", one))
	}
	return faults
}

var quotedField = regexp.MustCompile(`^(?:unknown|duplicate) field "(.*)"$`)

// decodeStrictly reads an object into its Go type. typed is false where there is none here.
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
	for _, one := range strict.Errors() {
		if match := quotedField.FindStringSubmatch(one.Error()); match != nil {
			unknown = append(unknown, match[1])
		}
	}
	return unknown, nil, true
}

var goField = regexp.MustCompile(`cannot unmarshal (\S+) into Go struct field \S*?\.([\w.]+) of type (\S+)`)

// typeFault puts a decoder's error into words.
func typeFault(err error) fault {
	if match := goField.FindStringSubmatch(err.Error()); match != nil {
		return fault{id: "schema-invalid", path: match[2],
			what: fmt.Sprintf("is a %s, which does not fit its type %s", match[1], strings.TrimPrefix(match[3], "*"))}
	}
	return fault{id: "schema-invalid", what: "cannot be read: " + err.Error()}
}

// withoutNulls leaves out what is null: for a Go type that is the same as not being there.
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
