package render

import (
	"fmt"
	"os"
	"sync"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// validate validates every object against its schema and adds what it finds to the object's problems.
func (c *cluster) validate(objects []*object) protocol.Coverage {
	if c.Schemas == nil {
		return protocol.Coverage{Total: len(objects), KindsWithout: []string{}}
	}
	contents := make([]map[string]any, len(objects))
	for index, object := range objects {
		contents[index] = object.Object.Object
	}
	validator := c.Schemas.With(contents)
	var all sync.WaitGroup
	for _, object := range objects {
		hash := validator.Hash(object.Object.Object)
		if object.incomplete || object.schema == hash {
			continue // cached
		}
		all.Go(func() {
			c.workers <- struct{}{}
			defer func() { <-c.workers }()
			object.validation, object.schema, object.checked = validateOne(validator, object), hash, true
		})
	}
	all.Wait()
	tally := schema.NewTally()
	for _, object := range objects {
		if object.incomplete {
			tally.AddUnchecked()
			continue
		}
		tally.Add(object.Object.Object, object.validation)
		object.problems = append(object.problems, object.validation.Problems...)
	}
	return tally.Coverage()
}

func validateOne(validator *schema.Validator, object *object) schema.Result {
	result, err := validator.Validate(object.Object.Object, schema.Options{})
	if err != nil {
		// An unusable schema counts as a missing one.
		fmt.Fprintf(os.Stderr, "flux-render: %v\n", err)
		return schema.Result{}
	}
	result.Problems = withoutUnknown(object.Object.Object, result.Problems)
	return result
}

// withoutUnknown removes problems of values that are not known. CEL rules may read any field, so they are skipped for
// objects with such a value.
func withoutUnknown(content map[string]any, problems []protocol.Problem) []protocol.Problem {
	if len(problems) == 0 {
		return nil
	}
	unknown := map[string]bool{}
	walkTexts(content, "", func(at, text string) bool {
		if variables.HasPlaceholder(text) {
			unknown[at] = true
		}
		return true
	})
	if len(unknown) == 0 {
		return problems
	}
	var kept []protocol.Problem
	for _, problem := range problems {
		if !unknown[problem.Field] && problem.ID != "schema-rule" {
			kept = append(kept, problem)
		}
	}
	return kept
}
