// Package expressions compiles the CEL expressions in objects, each like the program that reads it.
package expressions

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// found is an expression of an object, and what compiles it.
type found struct {
	field   string
	text    string
	compile func(text string) error
}

// Problems compiles every expression of an object that Flux or the API server compiles.
func Problems(object map[string]any) []protocol.Problem {
	id, all := "expression-invalid", fluxExpressions(object)
	if len(all) == 0 {
		id, all = "policy-expression-invalid", policyExpressions(object)
	}
	var problems []protocol.Problem
	for _, expression := range all {
		// A value that is not known may be part of the expression.
		if expression.text == "" || variables.HasPlaceholder(expression.text) {
			continue
		}
		if err := expression.compile(expression.text); err != nil {
			what := fmt.Sprintf("%s is not valid CEL: %s", expression.field, reason(err))
			problems = append(problems, protocol.Problem{ID: id, Field: expression.field, What: what})
		}
	}
	return problems
}

var position = regexp.MustCompile(`ERROR: <input>:(\d+):(\d+): ([^\n]*)`)

// reason shortens an error of the CEL library, which also draws the expression, to its first message.
func reason(err error) string {
	match := position.FindStringSubmatch(err.Error())
	if match == nil {
		return err.Error()
	}
	message := strings.TrimSuffix(match[3], " (in container '')")
	return fmt.Sprintf("%s (line %s, column %s)", message, match[1], match[2])
}

// groupAndKind returns an object's API group and kind.
func groupAndKind(object map[string]any) (string, string) {
	typed := unstructured.Unstructured{Object: object}
	kind := typed.GroupVersionKind()
	return kind.Group, kind.Kind
}

// item is a map in a list of an object, with its path.
type item struct {
	at     string
	fields map[string]any
}

func items(object map[string]any, path ...string) []item {
	list, _, _ := unstructured.NestedFieldNoCopy(object, path...)
	entries, _ := list.([]any)
	var all []item
	for index, entry := range entries {
		if fields, ok := entry.(map[string]any); ok {
			all = append(all, item{fmt.Sprintf("%s[%d]", strings.Join(path, "."), index), fields})
		}
	}
	return all
}

func text(fields map[string]any, path ...string) string {
	value, _, _ := unstructured.NestedString(fields, path...)
	return value
}
