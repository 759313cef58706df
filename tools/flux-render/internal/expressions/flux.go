package expressions

import (
	"errors"
	"fmt"
	"strings"

	fluxcel "github.com/fluxcd/pkg/runtime/cel"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
)

// fluxExpressions lists what Flux's controllers compile: at 2.7.3, kustomize-controller checkDependencies and
// PollerWithCustomHealthChecks, helm-controller checkDependencies, notification-controller newFilterExpression.
func fluxExpressions(object map[string]any) []found {
	group, _ := groupAndKind(object)
	if !strings.HasSuffix(group, ".toolkit.fluxcd.io") {
		return nil
	}
	var all []found
	for _, check := range items(object, "spec", "healthCheckExprs") {
		for _, field := range []string{"current", "inProgress", "failed"} {
			all = append(all, found{check.at + "." + field, text(check.fields, field), healthCheck})
		}
	}
	for _, dependency := range items(object, "spec", "dependsOn") {
		all = append(all, found{dependency.at + ".readyExpr", text(dependency.fields, "readyExpr"), condition("self", "dep")})
	}
	if group == "notification.toolkit.fluxcd.io" {
		all = append(all, found{"spec.resourceFilter", text(object, "spec", "resourceFilter"), condition("res", "req")})
	}
	return all
}

// condition compiles an expression that yields a boolean from variables.
func condition(names ...string) func(string) error {
	return func(text string) error {
		_, err := fluxcel.NewExpression(text, fluxcel.WithCompile(), fluxcel.WithOutputType(types.BoolType),
			fluxcel.WithStructVariables(names...))
		return err
	}
}

// healthCheck parses an expression about an object, as Flux does. Flux does not check types, because it does not know the
// object's fields; a call of a function that does not exist, or a result of another type, fails with every object.
func healthCheck(text string) error {
	if _, err := fluxcel.NewExpression(text); err != nil {
		return err
	}
	env, err := cel.NewEnv(cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Encoders())
	if err != nil {
		return err
	}
	parsed, issues := env.Parse(text)
	if issues != nil {
		return issues.Err()
	}
	var fields []cel.EnvOption
	seen := map[string]bool{}
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(node ast.Expr) {
		if node.Kind() == ast.IdentKind && !seen[node.AsIdent()] && !strings.HasPrefix(node.AsIdent(), "@") {
			seen[node.AsIdent()] = true
			fields = append(fields, cel.Variable(node.AsIdent(), cel.DynType))
		}
	}))
	if env, err = env.Extend(fields...); err != nil {
		return nil // Flux declares no variables, so an odd name does not matter
	}
	checked, issues := env.Check(parsed)
	if issues != nil {
		for _, issue := range issues.Errors() {
			if strings.HasPrefix(issue.Message, "undeclared reference") {
				return fmt.Errorf("ERROR: <input>:%d:%d: %s", issue.Location.Line(), issue.Location.Column()+1, issue.Message)
			}
		}
		return nil // the values decide
	}
	if kind := checked.OutputType().Kind(); kind != types.BoolKind && kind != types.DynKind {
		return errors.New("it must yield a boolean, but yields a " + checked.OutputType().String())
	}
	return nil
}
