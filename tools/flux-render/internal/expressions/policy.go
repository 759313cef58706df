package expressions

import (
	"errors"
	"sync"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// accessor is an expression with the types that it may yield.
type accessor struct {
	name, text string
	types      []*cel.Type
}

func (a accessor) GetName() string          { return a.name }
func (a accessor) GetExpression() string    { return a.text }
func (a accessor) ReturnTypes() []*cel.Type { return a.types }

var (
	anything  = []*cel.Type{cel.AnyType, cel.DynType}
	boolean   = []*cel.Type{cel.BoolType}
	message   = []*cel.Type{cel.StringType}
	audit     = []*cel.Type{cel.StringType, cel.NullType}
	mutations = map[string][]*cel.Type{
		"applyConfiguration": {cel.ObjectType("Object")},
		"jsonPatch":          {cel.ListType(cel.ObjectType("JSONPatch"))},
	}
)

// base is built once: it takes some time.
var base = sync.OnceValue(func() *environment.EnvSet {
	return environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion(), true)
})

// policyExpressions lists what the API server compiles when it admits an admission policy.
func policyExpressions(object map[string]any) []found {
	group, kind := groupAndKind(object)
	mutates := kind == "MutatingAdmissionPolicy"
	if group != "admissionregistration.k8s.io" || !mutates && kind != "ValidatingAdmissionPolicy" {
		return nil
	}
	compiler, err := plugincel.NewCompositedCompiler(base())
	if err != nil {
		return nil
	}
	_, hasParams, _ := unstructured.NestedMap(object, "spec", "paramKind")
	options := plugincel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true, StrictCost: true, HasPatchTypes: mutates}
	withoutAuthorizer := options
	withoutAuthorizer.HasAuthorizer = false
	const mode = environment.NewExpressions
	expression := func(item item, field string, options plugincel.OptionalVariableDeclarations, types []*cel.Type) found {
		return found{item.at + "." + field, text(item.fields, field), func(text string) error {
			return errorOf(compiler.CompileCELExpression(accessor{text: text, types: types}, options, mode))
		}}
	}
	var all []found
	// Variables may use earlier ones, and all other expressions may use them.
	for _, variable := range items(object, "spec", "variables") {
		named := accessor{text(variable.fields, "name"), text(variable.fields, "expression"), anything}
		err := errorOf(compiler.CompileAndStoreVariable(named, options, mode))
		all = append(all, found{variable.at + ".expression", named.text, func(string) error { return err }})
	}
	for _, condition := range items(object, "spec", "matchConditions") {
		all = append(all, expression(condition, "expression", options, boolean))
	}
	for _, validation := range items(object, "spec", "validations") {
		all = append(all, expression(validation, "expression", options, boolean),
			expression(validation, "messageExpression", withoutAuthorizer, message))
	}
	for _, annotation := range items(object, "spec", "auditAnnotations") {
		all = append(all, expression(annotation, "valueExpression", options, audit))
	}
	for _, mutation := range items(object, "spec", "mutations") {
		for _, kind := range []string{"applyConfiguration", "jsonPatch"} {
			fields, _, _ := unstructured.NestedMap(mutation.fields, kind)
			all = append(all, expression(item{mutation.at + "." + kind, fields}, "expression", options, mutations[kind]))
		}
	}
	return all
}

func errorOf(result plugincel.CompilationResult) error {
	if result.Error == nil {
		return nil
	}
	return errors.New(result.Error.Detail)
}
