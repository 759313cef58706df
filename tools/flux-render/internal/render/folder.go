package render

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// finishFolder finishes the objects of a built folder as kustomize-controller does.
func (r *Renderer) finishFolder(folder *builtFolder, flux *kustomization, values variables.Values) result {
	if folder.kind != source.Folder {
		return pathMissing(flux, folder)
	}
	outcome := result{files: folder.view.Files(), asked: folder.view.Asked()}
	for _, reference := range folder.result.Remote {
		outcome.problems = append(outcome.problems, protocol.Problem{
			ID: "remote-base", Kustomization: flux.id, File: reference.File, Line: reference.Line,
			What: fmt.Sprintf("%s is fetched from another place while Flux builds", reference.Text),
		})
	}
	if folder.err != nil {
		outcome.failed = true
		problem, consequence := buildProblem(flux.id, folder.err)
		// What fails because something remote is left out has been said.
		if !consequence || len(folder.result.Remote) == 0 {
			outcome.problems = append(outcome.problems, problem)
		}
		return outcome
	}
	decryption, _, _ := unstructured.NestedString(flux.object.Object, "spec", "decryption", "provider")
	for _, one := range folder.result.Objects {
		// Another Kustomization may use the same folder.
		one.Resource = one.Resource.DeepCopy()
		finished, err := finish(one, flux, values, r.Strict, decryption == "sops")
		if err != nil {
			outcome.problems = append(outcome.problems, protocol.Problem{
				ID: "render-failed", Kustomization: flux.id, File: one.File, What: err.Error(),
			})
			outcome.failed = true
			continue
		}
		outcome.objects = append(outcome.objects, finished...)
	}
	return outcome
}

func pathMissing(flux *kustomization, folder *builtFolder) result {
	what := fmt.Sprintf("spec.path %s is not in the repository as Flux sees it", flux.folder)
	if folder.kind == source.File {
		what = fmt.Sprintf("spec.path %s is a file; Flux wants a folder", flux.folder)
	}
	problem := protocol.Problem{ID: "path-missing", Kustomization: flux.id, Field: "spec.path", What: what}
	return result{failed: true, problems: []protocol.Problem{problem}, asked: folder.view.Asked()}
}

// buildProblem says why a folder does not build, and whether that may come from what was left out.
func buildProblem(id string, err error) (problem protocol.Problem, consequence bool) {
	problem = protocol.Problem{ID: "render-failed", Kustomization: id, What: err.Error()}
	var failure *build.Failure
	if errors.As(err, &failure) {
		problem.File, problem.Line = failure.File, failure.Line
		switch {
		case failure.Remote:
			problem.ID = "remote-base"
		case failure.NotYAML:
			problem.ID = "not-yaml"
		}
		consequence = failure.Consequence
	}
	return problem, consequence
}

// finish decrypts (or rather hides), substitutes and reads back one object. A List becomes its items.
func finish(one build.Built, flux *kustomization, values variables.Values, strict, decrypts bool) ([]*object, error) {
	name := one.GetKind() + " " + one.GetName()
	if one.GetName() == "" || one.GetKind() == "" || one.GetApiVersion() == "" {
		return nil, errors.New("has an object without apiVersion, kind or name")
	}
	encrypted, err := hideEncrypted(one.Resource, decrypts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var problems []protocol.Problem
	if encrypted && !decrypts {
		problems = append(problems, protocol.Problem{ID: "render-failed",
			What: "is encrypted with SOPS, but its Kustomization has no spec.decryption; Flux refuses it"})
	}
	text, err := one.AsYAML()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !flux.substitutes() {
		values = variables.Values{}
	}
	outcome, failed := variables.Substitute(one.Resource, string(text), values, strict)
	if failed != nil {
		problems = append(problems, protocol.Problem{ID: "substitution-failed", What: failed.Error()})
	}
	problems = append(problems, variableProblems(text, outcome)...)
	if outcome.Changed {
		if text, err = one.AsYAML(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	made, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	objects := make([]*object, 0, len(made))
	for index, content := range made {
		addCommonMetadata(content, flux.object)
		finished := &object{Object: protocol.Object{
			Kustomization: flux.id, Object: content, File: one.File, Generated: one.Generated,
			Variables: []protocol.VariableUse{}, Encrypted: encrypted,
		}}
		for _, use := range outcome.Uses {
			finished.Variables = append(finished.Variables, use.VariableUse)
		}
		if index == 0 {
			finished.rendering = problems
		}
		finished.unfinished = failed != nil || len(outcome.Unset) > 0 || encrypted && !decrypts
		objects = append(objects, finished)
	}
	return objects, nil
}

// read turns an object's text into what the API server would get: `on` becomes a boolean there.
func read(text []byte) ([]map[string]any, error) {
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	made := unstructured.Unstructured{}
	if err := made.UnmarshalJSON(asJSON); err != nil {
		return nil, err
	}
	if made.GetKind() == "Kustomization" && strings.HasPrefix(made.GetAPIVersion(), "kustomize.config.k8s.io/") {
		return nil, nil // Flux drops these
	}
	if !made.IsList() {
		return []map[string]any{made.Object}, nil
	}
	var items []map[string]any
	list, err := made.ToList()
	if err != nil {
		return nil, err
	}
	for _, item := range list.Items {
		items = append(items, item.Object)
	}
	return items, nil
}

// variableProblems says which variables are missing, and where; text is from before the substitution.
func variableProblems(text []byte, outcome variables.Outcome) []protocol.Problem {
	if len(outcome.Unset) == 0 && len(outcome.Empty) == 0 {
		return nil
	}
	var before map[string]any
	_ = yaml.Unmarshal(text, &before) // it was written from an object
	var problems []protocol.Problem
	for _, variable := range outcome.Unset {
		problems = append(problems, protocol.Problem{ID: "variable-unset", Field: fieldWith(before, variable),
			What: fmt.Sprintf("uses ${%s}, which nothing sets", variable)})
	}
	for _, variable := range outcome.Empty {
		problems = append(problems, protocol.Problem{ID: "variable-empty", Field: fieldWith(before, variable),
			What: fmt.Sprintf("uses ${%s}, which nothing sets: it becomes an empty text", variable)})
	}
	return problems
}

// fieldWith finds the first text that uses a variable; empty when it is in a key.
func fieldWith(value any, variable string) string {
	found := ""
	walkTexts(value, "", func(at, text string) bool {
		uses, err := variables.Uses(text)
		if err != nil {
			return true
		}
		for _, use := range uses {
			if use.Name == variable {
				found = at
				return false
			}
		}
		return true
	})
	return found
}

// addCommonMetadata does what the controller does when it applies.
func addCommonMetadata(content map[string]any, flux unstructured.Unstructured) {
	made := unstructured.Unstructured{Object: content}
	if labels, _, _ := unstructured.NestedStringMap(flux.Object, "spec", "commonMetadata", "labels"); len(labels) > 0 {
		made.SetLabels(merged(made.GetLabels(), labels))
	}
	if notes, _, _ := unstructured.NestedStringMap(flux.Object, "spec", "commonMetadata", "annotations"); len(notes) > 0 {
		made.SetAnnotations(merged(made.GetAnnotations(), notes))
	}
}

func merged(base, over map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range base {
		all[name] = value
	}
	for name, value := range over {
		all[name] = value
	}
	return all
}
