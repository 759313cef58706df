package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

var (
	ofType = regexp.MustCompile(`must be of type ([\w,\[\] ]+): "(\w+)"`)
	inBody = regexp.MustCompile(`^\S* ?in body `)
)

// longestPattern is the length up to which a message with a regular expression is still readable.
const longestPattern = 120

// toViolation translates an error of the API server's libraries. Values are left out because they may be secret.
func toViolation(id string, err *field.Error) violation {
	result := violation{id: id, path: err.Field}
	detail := inBody.ReplaceAllString(err.Detail, "")
	switch err.Type {
	case field.ErrorTypeRequired:
		result.what = "is missing"
		if detail != "" {
			result.what += ": " + detail
		}
	case field.ErrorTypeNotSupported:
		result.what = fmt.Sprintf("is not one of the possible values; %s", detail)
	case field.ErrorTypeDuplicate:
		result.what = "appears twice"
	case field.ErrorTypeForbidden:
		result.what = "is not allowed here: " + detail
	case field.ErrorTypeTooLong, field.ErrorTypeTooMany:
		result.what = "is too long: " + detail
	default:
		result.what = detail
		if match := ofType.FindStringSubmatch(detail); match != nil {
			result.what = fmt.Sprintf("must be of type %s but is of type %s", match[1], match[2])
		}
		switch {
		case result.what == "":
			result.what = "is not valid"
		case strings.HasPrefix(result.what, "should match") && len(result.what) > longestPattern:
			result.what = "does not match the pattern of this field"
		case strings.HasPrefix(result.what, "a "):
			result.what = "is not valid: " + result.what
		}
	}
	return result
}

// toProblems converts paths to the notation of TreeProblem and removes duplicates.
func toProblems(object map[string]any, violations []violation) []protocol.Problem {
	var problems []protocol.Problem
	seen := map[string]bool{}
	for _, violation := range violations {
		at := canonical(object, violation.path)
		what := violation.what
		switch {
		case at == "":
		case violation.id == "schema-rule":
			what = at + ": " + what
		default:
			what = at + " " + what
		}
		if key := violation.id + at + what; !seen[key] {
			seen[key] = true
			problems = append(problems, protocol.Problem{ID: violation.id, Field: at, What: strings.TrimSpace(what)})
		}
	}
	// The libraries iterate over maps in random order.
	slices.SortFunc(problems, func(left, right protocol.Problem) int {
		return cmp.Or(cmp.Compare(left.Field, right.Field), cmp.Compare(left.ID, right.ID), cmp.Compare(left.What, right.What))
	})
	return problems
}
