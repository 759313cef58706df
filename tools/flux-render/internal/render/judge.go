package render

import (
	"fmt"
	"os"
	"sync"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// judge asks the schemas about every object, and adds what they say to the object's problems.
func (c *cluster) judge(objects []*object) protocol.Coverage {
	if c.Schemas == nil {
		return protocol.Coverage{Total: len(objects), KindsWithout: []string{}}
	}
	contents := make([]map[string]any, len(objects))
	for index, object := range objects {
		contents[index] = object.Object.Object
	}
	judge := c.Schemas.With(contents)
	var all sync.WaitGroup
	for _, object := range objects {
		hash := judge.Hash(object.Object.Object)
		if object.unfinished || object.schema == hash {
			continue // said before
		}
		all.Go(func() {
			c.workers <- struct{}{}
			defer func() { <-c.workers }()
			object.verdict, object.schema, object.judged = verdictOn(judge, object), hash, true
		})
	}
	all.Wait()
	tally := schema.NewTally()
	for _, object := range objects {
		if object.unfinished {
			tally.AddUnjudged()
			continue
		}
		tally.Add(object.Object.Object, object.verdict)
		object.problems = append(object.problems, object.verdict.Problems...)
	}
	return tally.Coverage()
}

func verdictOn(judge *schema.Judge, object *object) schema.Verdict {
	verdict, err := judge.Judge(object.Object.Object, schema.Options{})
	if err != nil {
		// A schema that cannot be used is as good as none, and is counted so.
		fmt.Fprintf(os.Stderr, "flux-render: %v\n", err)
		return schema.Verdict{}
	}
	verdict.Problems = withoutUnknown(object.Object.Object, verdict.Problems)
	return verdict
}

// withoutUnknown drops what is said of values that are not known. Rules may look at any field, so an object with such a
// value gets none.
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
