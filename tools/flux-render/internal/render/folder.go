package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/yaml"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/expressions"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// finishFolder post-processes the objects of a built folder like kustomize-controller.
func (r *Renderer) finishFolder(folder *builtFolder, flux *kustomization, values variables.Values) result {
	outcome := r.finishObjects(folder, flux, values)
	original := folder.view.Original
	for index := range outcome.files {
		outcome.files[index] = original(outcome.files[index])
	}
	for index := range outcome.problems {
		outcome.problems[index].File = original(outcome.problems[index].File)
	}
	for _, object := range outcome.objects {
		object.File = original(object.File)
	}
	return outcome
}

func (r *Renderer) finishObjects(folder *builtFolder, flux *kustomization, values variables.Values) result {
	if err := folder.view.Err(); err != nil {
		return result{failed: true, observed: folder.view.Observed(), problems: []protocol.Problem{{
			ID: "artifact-not-built", Kustomization: flux.id, Field: "spec.sourceRef.name",
			What: fmt.Sprintf("needs an artifact that source-watcher cannot build: %v in the repository as Flux sees it", err),
		}}}
	}
	if folder.kind != source.Folder {
		return pathMissing(flux, folder)
	}
	outcome := result{files: folder.view.Files(), observed: folder.view.Observed()}
	for _, reference := range folder.result.Remote {
		outcome.problems = append(outcome.problems, protocol.Problem{
			ID: "remote-base", Kustomization: flux.id, File: reference.File, Line: reference.Line,
			What: fmt.Sprintf("%s is a remote resource, which Flux fetches during the build", reference.Text),
		})
	}
	for _, name := range folder.result.Empty {
		outcome.problems = append(outcome.problems, protocol.Problem{
			ID: "manifest-empty", Kustomization: flux.id, File: name, Line: 1, What: "is listed as a resource but has no content",
		})
	}
	if folder.err != nil {
		outcome.failed = true
		problem, consequence := buildProblem(flux.id, folder.err)
		// A failure caused by a remote entry that was left out has already been reported.
		if !consequence || len(folder.result.Remote) == 0 {
			outcome.problems = append(outcome.problems, problem)
		}
		return outcome
	}
	decryption, _, _ := unstructured.NestedString(flux.object.Object, "spec", "decryption", "provider")
	for _, built := range folder.result.Objects {
		// Another Kustomization may share the folder.
		built.Resource = built.Resource.DeepCopy()
		finished, err := finish(built, flux, values, r.Strict, decryption == "sops" || flux.assumed)
		if err != nil {
			outcome.problems = append(outcome.problems, finishProblem(flux.id, built, err))
			outcome.failed = true
			continue
		}
		outcome.objects = append(outcome.objects, finished...)
	}
	return outcome
}

var repeatedKey = regexp.MustCompile(`mapping key "([^"]+)" already defined`)

// finishProblem converts a failure of finish.
func finishProblem(id string, built build.Built, err error) protocol.Problem {
	problem := protocol.Problem{ID: "render-failed", Kustomization: id, File: built.File, What: err.Error()}
	if found := repeatedKey.FindStringSubmatch(problem.What); found != nil {
		problem.ID = "not-yaml"
		problem.What = fmt.Sprintf("%s %s has the key %q twice", built.GetKind(), built.GetName(), found[1])
	}
	return problem
}

func pathMissing(flux *kustomization, folder *builtFolder) result {
	what := fmt.Sprintf("spec.path %s does not exist in the repository as Flux sees it", flux.folder)
	if folder.kind == source.File {
		what = fmt.Sprintf("spec.path %s is a file; Flux requires a folder", flux.folder)
	}
	problem := protocol.Problem{ID: "path-missing", Kustomization: flux.id, Field: "spec.path", What: what}
	return result{failed: true, problems: []protocol.Problem{problem}, observed: folder.view.Observed()}
}

// buildProblem converts a build failure and reports whether a remote entry that was left out may have caused it.
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

// finish masks encrypted values, substitutes variables and decodes one object. A List becomes its items.
func finish(built build.Built, flux *kustomization, values variables.Values, strict, decrypts bool) ([]*object, error) {
	name := built.GetKind() + " " + built.GetName()
	if built.GetName() == "" || built.GetKind() == "" || built.GetApiVersion() == "" {
		return nil, errors.New("contains an object without apiVersion, kind or name")
	}
	encrypted, err := hideEncrypted(built.Resource, decrypts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var problems []protocol.Problem
	if encrypted && !decrypts {
		problems = append(problems, protocol.Problem{ID: "render-failed",
			What: "is encrypted with SOPS, but its Kustomization has no spec.decryption; Flux rejects it"})
	}
	asJSON, err := toJSON(built.Resource)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !flux.substitutes() {
		values = variables.Values{}
	}
	outcome, failed := variables.Substitute(built.Resource, asJSON, values, strict)
	if failed != nil {
		problems = append(problems, protocol.Problem{ID: "substitution-failed", What: failed.Error()})
	}
	problems = append(problems, variableProblems(asJSON, outcome)...)
	if outcome.Changed {
		if asJSON, err = toJSON(built.Resource); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	decoded, err := decode(asJSON)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	objects := make([]*object, 0, len(decoded))
	for index, content := range decoded {
		addCommonMetadata(content, flux.object)
		finished := &object{Object: protocol.Object{
			Kustomization: flux.id, Object: content, File: built.File, Generated: built.Generated,
			Variables: []protocol.VariableUse{}, Encrypted: encrypted,
		}}
		for _, use := range outcome.Uses {
			finished.Variables = append(finished.Variables, use.VariableUse)
		}
		if index == 0 {
			finished.renderProblems = problems
		}
		finished.incomplete = failed != nil || len(outcome.Unset) > 0 || encrypted && !decrypts
		if !finished.incomplete {
			finished.renderProblems = append(finished.renderProblems, expressions.Problems(content)...)
		}
		objects = append(objects, finished)
	}
	return objects, nil
}

// toJSON converts an object to what Flux sends to the API server: it writes the object as YAML and reads it again, which
// is slow and changes nothing but some texts of several lines.
func toJSON(object *resource.Resource) ([]byte, error) {
	if hasLines(object.YNode()) {
		text, err := object.AsYAML()
		if err != nil {
			return nil, err
		}
		return yaml.YAMLToJSON(text)
	}
	content, err := object.Map()
	if err != nil {
		return nil, err
	}
	return json.Marshal(content)
}

// hasLines reports whether an object contains a text of several lines, or may contain one.
func hasLines(node *yamlv3.Node) bool {
	if node.Kind == yamlv3.AliasNode || node.Style&(yamlv3.LiteralStyle|yamlv3.FoldedStyle) != 0 || strings.Contains(node.Value, "\n") {
		return true
	}
	return slices.ContainsFunc(node.Content, hasLines)
}

// decode converts an object's JSON to what the API server would receive.
func decode(asJSON []byte) ([]map[string]any, error) {
	decoded := unstructured.Unstructured{}
	if err := decoded.UnmarshalJSON(asJSON); err != nil {
		return nil, err
	}
	if decoded.GetKind() == "Kustomization" && strings.HasPrefix(decoded.GetAPIVersion(), "kustomize.config.k8s.io/") {
		return nil, nil // Flux drops these
	}
	if !decoded.IsList() {
		return []map[string]any{decoded.Object}, nil
	}
	var items []map[string]any
	list, err := decoded.ToList()
	if err != nil {
		return nil, err
	}
	for _, item := range list.Items {
		items = append(items, item.Object)
	}
	return items, nil
}

// variableProblems reports missing variables and the fields that use them; asJSON is the object before substitution.
func variableProblems(asJSON []byte, outcome variables.Outcome) []protocol.Problem {
	if len(outcome.Unset) == 0 && len(outcome.Empty) == 0 {
		return nil
	}
	var before map[string]any
	_ = json.Unmarshal(asJSON, &before) // was marshaled from an object
	var problems []protocol.Problem
	for _, variable := range outcome.Unset {
		problems = append(problems, protocol.Problem{ID: "variable-unset", Field: fieldWith(before, variable),
			What: fmt.Sprintf("uses ${%s}, which is not set", variable)})
	}
	for _, variable := range outcome.Empty {
		problems = append(problems, protocol.Problem{ID: "variable-empty", Field: fieldWith(before, variable),
			What: fmt.Sprintf("uses ${%s}, which is not set: it becomes an empty string", variable)})
	}
	return problems
}

// fieldWith returns the path of the first value that uses a variable; empty if only a key does.
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

// addCommonMetadata adds spec.commonMetadata, like the controller does when it applies objects.
func addCommonMetadata(content map[string]any, flux unstructured.Unstructured) {
	object := unstructured.Unstructured{Object: content}
	if labels, _, _ := unstructured.NestedStringMap(flux.Object, "spec", "commonMetadata", "labels"); len(labels) > 0 {
		object.SetLabels(merged(object.GetLabels(), labels))
	}
	if notes, _, _ := unstructured.NestedStringMap(flux.Object, "spec", "commonMetadata", "annotations"); len(notes) > 0 {
		object.SetAnnotations(merged(object.GetAnnotations(), notes))
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
