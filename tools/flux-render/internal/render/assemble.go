package render

import (
	"slices"
	"sort"
	"strings"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// assemble builds the response: the entry point fields, then each Kustomization after its parent.
func (c *cluster) assemble() protocol.Cluster {
	response := protocol.Cluster{
		Name: c.request.Name, Entry: c.request.Entry,
		Kustomizations: []protocol.Kustomization{}, Objects: []protocol.Object{}, Problems: []protocol.Problem{},
	}
	var objects []*object
	indexes := map[*object]int{}
	ordered := flatten(c.entry, nil)
	for _, flux := range ordered {
		for _, object := range flux.result.objects {
			indexes[object] = len(response.Objects)
			objects = append(objects, object)
			response.Objects = append(response.Objects, object.Object)
		}
	}
	response.Coverage = c.validate(objects)
	for _, flux := range ordered {
		response.Kustomizations = append(response.Kustomizations, flux.response())
		for _, problem := range slices.Concat(flux.problems, flux.result.problems) {
			// A problem of a Kustomization belongs to the object that declares it.
			if flux.declaration != nil && (problem.File == "" || problem.Field != "") {
				problem.Object = pointerTo(indexes[flux.declaration])
			} else if problem.File == "" {
				problem.File = flux.file
			}
			response.Problems = append(response.Problems, problem)
		}
		for _, object := range flux.result.objects {
			for _, problem := range slices.Concat(object.renderProblems, object.problems, c.entryProblems(flux, object)) {
				problem.Kustomization = flux.id
				problem.Object = pointerTo(indexes[object])
				response.Problems = append(response.Problems, problem)
			}
		}
	}
	for _, flux := range ordered {
		c.store(flux.result)
	}
	return response
}

// flatten lists a Kustomization and its descendants, depth fields.
func flatten(flux *kustomization, all []*kustomization) []*kustomization {
	all = append(all, flux)
	for _, child := range flux.children {
		all = flatten(child, all)
	}
	return all
}

func pointerTo(number int) *int { return &number }

func (k *kustomization) response() protocol.Kustomization {
	namespace, name, _ := strings.Cut(k.id, "/")
	response := protocol.Kustomization{
		ID: k.id, Name: name, Namespace: namespace, Object: k.object.Object, File: k.file, Path: k.folder,
		Skipped: k.skipped, Variables: k.variables, Files: k.result.files,
	}
	if k.parent != nil {
		response.Parent = k.parent.id
	}
	if response.Variables == nil {
		response.Variables = map[string]string{}
	}
	if response.Files == nil {
		response.Files = []string{}
	}
	return response
}

// entryProblems reports variables in the entry point's objects if the entry point has no substitution: they stay as
// written. A Flux Kustomization's patches apply to its own objects and are substituted seen.
func (c *cluster) entryProblems(flux *kustomization, object *object) []protocol.Problem {
	if flux != c.entry || flux.substitutes() {
		return nil
	}
	fields := map[string]string{}
	walkTexts(object.Object.Object, "", func(at, text string) bool {
		if isFluxKustomization(object.Object.Object) && strings.HasPrefix(at, "spec.patches[") {
			return true
		}
		uses, err := variables.Uses(text)
		if err != nil {
			return true
		}
		for _, use := range uses {
			if _, seen := fields[use.Name]; !seen {
				fields[use.Name] = at
			}
		}
		return true
	})
	var problems []protocol.Problem
	for name, at := range fields {
		problems = append(problems, protocol.Problem{ID: "entry-variable", Field: at,
			What: "${" + name + "} stays as written: the entry point has no variable substitution"})
	}
	sort.Slice(problems, func(i, j int) bool { return problems[i].What < problems[j].What })
	return problems
}
