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

// longestPattern is how long a text with a regular expression may be to still tell a reader something.
const longestPattern = 120

// toFault puts an error of the API server's libraries into plain words. Values are left out: they may be secret.
func toFault(id string, err *field.Error) fault {
	made := fault{id: id, path: err.Field}
	detail := inBody.ReplaceAllString(err.Detail, "")
	switch err.Type {
	case field.ErrorTypeRequired:
		made.what = "is missing"
		if detail != "" {
			made.what += ": " + detail
		}
	case field.ErrorTypeNotSupported:
		made.what = fmt.Sprintf("is not one of the possible values; %s", detail)
	case field.ErrorTypeDuplicate:
		made.what = "is there twice"
	case field.ErrorTypeForbidden:
		made.what = "is not allowed here: " + detail
	case field.ErrorTypeTooLong, field.ErrorTypeTooMany:
		made.what = "is too long: " + detail
	default:
		made.what = detail
		if match := ofType.FindStringSubmatch(detail); match != nil {
			made.what = fmt.Sprintf("must be of type %s, and is of type %s", match[1], match[2])
		}
		switch {
		case made.what == "":
			made.what = "is not valid"
		case strings.HasPrefix(made.what, "should match") && len(made.what) > longestPattern:
			made.what = "does not match the pattern of this field"
		case strings.HasPrefix(made.what, "a "):
			made.what = "is not valid: " + made.what
		}
	}
	return made
}

// toProblems writes paths as TreeProblem has them, and drops what is said twice.
func toProblems(object map[string]any, faults []fault) []protocol.Problem {
	var problems []protocol.Problem
	seen := map[string]bool{}
	for _, one := range faults {
		at := canonical(object, one.path)
		what := one.what
		switch {
		case at == "":
		case one.id == "schema-rule":
			what = at + ": " + what
		default:
			what = at + " " + what
		}
		if key := one.id + at + what; !seen[key] {
			seen[key] = true
			problems = append(problems, protocol.Problem{ID: one.id, Field: at, What: strings.TrimSpace(what)})
		}
	}
	// The libraries walk maps in no fixed order.
	slices.SortFunc(problems, func(left, right protocol.Problem) int {
		return cmp.Or(cmp.Compare(left.Field, right.Field), cmp.Compare(left.ID, right.ID), cmp.Compare(left.What, right.What))
	})
	return problems
}
