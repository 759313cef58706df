package render

import (
	"slices"
	"sort"
	"strings"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// assemble puts the answer together: the entry point first, then each Kustomization where it is applied.
func (c *cluster) assemble() protocol.Cluster {
	answer := protocol.Cluster{
		Name: c.request.Name, Entry: c.request.Entry,
		Kustomizations: []protocol.Kustomization{}, Objects: []protocol.Object{}, Problems: []protocol.Problem{},
	}
	var objects []*object
	indexes := map[*object]int{}
	ordered := inOrder(c.entry, nil)
	for _, flux := range ordered {
		for _, object := range flux.result.objects {
			indexes[object] = len(answer.Objects)
			objects = append(objects, object)
			answer.Objects = append(answer.Objects, object.Object)
		}
	}
	answer.Coverage = c.judge(objects)
	for _, flux := range ordered {
		answer.Kustomizations = append(answer.Kustomizations, flux.answer())
		for _, problem := range slices.Concat(flux.problems, flux.result.problems) {
			// A problem of the Kustomization itself is a problem of the object that declares it.
			if flux.declared != nil && (problem.File == "" || problem.Field != "") {
				problem.Object = pointerTo(indexes[flux.declared])
			} else if problem.File == "" {
				problem.File = flux.file
			}
			answer.Problems = append(answer.Problems, problem)
		}
		for _, object := range flux.result.objects {
			for _, problem := range slices.Concat(object.rendering, object.problems, c.entryProblems(flux, object)) {
				problem.Kustomization = flux.id
				problem.Object = pointerTo(indexes[object])
				answer.Problems = append(answer.Problems, problem)
			}
		}
	}
	for _, flux := range ordered {
		c.remember(flux.result)
	}
	return answer
}

func inOrder(flux *kustomization, all []*kustomization) []*kustomization {
	all = append(all, flux)
	for _, child := range flux.children {
		all = inOrder(child, all)
	}
	return all
}

func pointerTo(number int) *int { return &number }

func (k *kustomization) answer() protocol.Kustomization {
	namespace, name, _ := strings.Cut(k.id, "/")
	answer := protocol.Kustomization{
		ID: k.id, Name: name, Namespace: namespace, Object: k.object.Object, File: k.file, Path: k.folder,
		Skipped: k.skipped, Variables: k.variables, Files: k.result.files,
	}
	if k.parent != nil {
		answer.Parent = k.parent.id
	}
	if answer.Variables == nil {
		answer.Variables = map[string]string{}
	}
	if answer.Files == nil {
		answer.Files = []string{}
	}
	return answer
}

// entryProblems finds variables in what the entry point applies, if it substitutes nothing: they stay as written.
// A Flux Kustomization's patches are texts for its own objects, and are substituted there.
func (c *cluster) entryProblems(flux *kustomization, object *object) []protocol.Problem {
	if flux != c.entry || flux.substitutes() {
		return nil
	}
	first := map[string]string{}
	walkTexts(object.Object.Object, "", func(at, text string) bool {
		if isFluxKustomization(object.Object.Object) && strings.HasPrefix(at, "spec.patches[") {
			return true
		}
		uses, err := variables.Uses(text)
		if err != nil {
			return true
		}
		for _, use := range uses {
			if _, there := first[use.Name]; !there {
				first[use.Name] = at
			}
		}
		return true
	})
	var problems []protocol.Problem
	for name, at := range first {
		problems = append(problems, protocol.Problem{ID: "entry-variable", Field: at,
			What: "${" + name + "} stays as it is written: the entry point is not substituted"})
	}
	sort.Slice(problems, func(i, j int) bool { return problems[i].What < problems[j].What })
	return problems
}
