// Package variables finds, collects and substitutes `${VAR}` like Flux does after the build.
package variables

import (
	"sort"

	"github.com/fluxcd/pkg/envsubst/parse"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Use is a variable used in a text.
type Use struct {
	protocol.VariableUse
	// Plain is set if some use is a bare `${NAME}`, which fails in strict mode; other forms, such as `${NAME^^}`, do not
	// fail but expand to nothing.
	Plain bool
}

// Uses returns the variables of a text, sorted by name. Errors come from Flux's parser.
func Uses(text string) ([]Use, error) {
	tree, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	found := map[string]*Use{}
	collect(tree.Root, found)
	uses := make([]Use, 0, len(found))
	for _, use := range found {
		uses = append(uses, *use)
	}
	sort.Slice(uses, func(i, j int) bool { return uses[i].Name < uses[j].Name })
	return uses, nil
}

func collect(node parse.Node, found map[string]*Use) {
	switch node := node.(type) {
	case *parse.ListNode:
		for _, child := range node.Nodes {
			collect(child, found)
		}
	case *parse.FuncNode:
		use := found[node.Param]
		if use == nil {
			use = &Use{VariableUse: protocol.VariableUse{Name: node.Param, HasDefault: true}}
			found[node.Param] = use
		}
		use.Plain = use.Plain || node.Name == ""
		use.HasDefault = use.HasDefault && hasDefault(node)
		for _, child := range node.Args {
			collect(child, found)
		}
	}
}

// hasDefault reports whether a use has its own fallback value: Flux treats all these operators alike.
func hasDefault(node *parse.FuncNode) bool {
	switch node.Name {
	case "=", ":=", ":-", ":?", ":+", "-", "+":
		return true
	}
	return false
}
