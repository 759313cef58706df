package schema

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// kind is a stored kind with its compiled schema. Safe for concurrent use.
type kind struct {
	stored
	structural *schema.Structural
	validator  validation.SchemaValidator
	// rules is nil if the schema has none.
	rules *cel.Validator
}

// compile does what the API server does when a CustomResourceDefinition is established.
func compile(from stored) (*kind, error) {
	compiled := &kind{stored: from}
	if from.Schema == nil {
		return compiled, nil
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(from.Schema, &internal, nil); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", from.id(), err)
	}
	structural, err := schema.NewStructural(&internal)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", from.id(), err)
	}
	compiled.structural = structural.DeepCopy()
	if err := defaulting.PruneDefaults(compiled.structural); err != nil {
		return nil, fmt.Errorf("defaults of %s: %w", from.id(), err)
	}
	if compiled.validator, _, err = validation.NewSchemaValidator(&internal); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", from.id(), err)
	}
	if !from.BuiltIn {
		compiled.rules = cel.NewValidator(compiled.structural, true, celconfig.PerCallLimit)
	}
	return compiled, nil
}
