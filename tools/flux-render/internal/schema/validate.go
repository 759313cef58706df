package schema

import (
	"context"
	"encoding/json"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Result is the outcome of validating one object.
type Result struct {
	// Checked is set if there is a schema for the object.
	Checked  bool               `json:"checked"`
	Problems []protocol.Problem `json:"problems,omitempty"`
}

// Options change how an object is validated.
type Options struct {
	// NamespaceLater is set if whatever applies the object adds the namespace, as Helm does.
	NamespaceLater bool
}

// Validate validates an object like the API server does on creation. It does not change the object.
func (v *Validator) Validate(object map[string]any, options Options) (Result, error) {
	id := idOf(object)
	found, err := v.find(id)
	if err != nil {
		return Result{}, err
	}
	result := Result{Checked: found != nil, Problems: v.lifecycle(id, found)}
	if found == nil {
		return result, nil
	}
	violations := validateMetadata(object, found, options)
	if found.BuiltIn {
		violations = append(violations, validateBuiltIn(object, found)...)
	} else {
		violations = append(violations, validateCustom(object, found)...)
	}
	result.Problems = append(result.Problems, toProblems(object, violations)...)
	return result, nil
}

// violation is one thing that is wrong with a field.
type violation struct {
	id   string
	path string
	what string
}

// validateCustom processes a custom resource like the API server: prune, coerce, default, validate, then CEL rules.
func validateCustom(original map[string]any, found *kind) []violation {
	if found.structural == nil {
		return nil
	}
	object := runtime.DeepCopyJSON(original)
	if found.HasStatus {
		delete(object, "status")
	}
	var violations []violation
	if !found.Loose {
		tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		for _, path := range pruning.PruneWithOptions(object, found.structural, true, tracked) {
			violations = append(violations, unknownField(path))
		}
		defaulting.PruneNonNullableNullsWithoutDefaults(object, found.structural)
	}
	invalid, unknown := objectmeta.CoerceWithOptions(nil, object, found.structural, false,
		objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	for _, path := range unknown {
		violations = append(violations, unknownField(path))
	}
	if invalid != nil {
		return append(violations, toViolation("schema-invalid", invalid))
	}
	defaulting.Default(object, found.structural)
	errors := validation.ValidateCustomResource(nil, object, found.validator)
	errors = append(errors, objectmeta.Validate(nil, object, found.structural, false)...)
	errors = append(errors, listtype.ValidateListSetsAndMaps(nil, found.structural, object)...)
	for _, invalid := range errors {
		violations = append(violations, toViolation("schema-invalid", invalid))
	}
	if found.rules == nil || blocks(errors) {
		return violations
	}
	broken, _ := found.rules.Validate(context.Background(), nil, found.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, violated := range broken {
		violations = append(violations, toViolation("schema-rule", violated))
	}
	return violations
}

// blocks reports whether CEL rules must be skipped because their input does not have the expected shape.
func blocks(errors field.ErrorList) bool {
	for _, err := range errors {
		switch err.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany,
			field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

func unknownField(path string) violation {
	return violation{id: "schema-unknown-field", path: path, what: "is not a field of this kind"}
}

// Check implements mode "check".
func Check(request protocol.CheckRequest) (protocol.CheckResponse, error) {
	response := protocol.CheckResponse{Problems: []protocol.Problem{}}
	set, err := Open(request.Schemas)
	if err != nil {
		return response, err
	}
	objects := make([]map[string]any, len(request.Objects))
	for index, raw := range request.Objects {
		// The API server's decoder distinguishes integers from floats.
		object, err := decodeObject(raw)
		if err != nil {
			return response, err
		}
		objects[index] = object
	}
	validator := set.With(objects)
	tally := NewTally()
	for index, object := range objects {
		result, err := validator.Validate(object, Options{NamespaceLater: true})
		if err != nil {
			return response, err
		}
		tally.Add(object, result)
		for _, problem := range result.Problems {
			problem.Object = &index
			response.Problems = append(response.Problems, problem)
		}
	}
	response.Coverage = tally.Coverage()
	return response, nil
}

func decodeObject(raw json.RawMessage) (map[string]any, error) {
	var object map[string]any
	if err := unmarshal(raw, &object); err != nil {
		return nil, err
	}
	return object, nil
}
