package build

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"k8s-gitops/tools/flux-render/internal/source"
)

// findReference returns the kustomization file and line, among the files read, that reference a path; fallback if none.
func findReference(view *source.View, target, fallback string) (file string, line int) {
	target = strings.TrimSuffix(target, "/")
	for _, name := range view.Files() {
		if !isKustomizationFile(name) {
			continue
		}
		content, err := view.Read(name)
		if err != nil {
			continue
		}
		var document yaml.Node
		if yaml.Unmarshal(content, &document) != nil {
			continue
		}
		if found := findPath(&document, path.Dir(name), target); found != nil {
			return name, found.Line
		}
	}
	return fallback, 0
}

// findPath returns the scalar that resolves to a path from a folder. Generators write `key=path`.
func findPath(node *yaml.Node, folder, target string) *yaml.Node {
	if node.Kind == yaml.ScalarNode {
		_, value, found := strings.Cut(node.Value, "=")
		if path.Join(folder, node.Value) == target || found && path.Join(folder, value) == target {
			return node
		}
	}
	for _, child := range node.Content {
		if found := findPath(child, folder, target); found != nil {
			return found
		}
	}
	return nil
}

// fileWith returns the one manifest, among the files read, that declares an object.
func fileWith(view *source.View, kind, name string) (file string, found bool) {
	for _, read := range view.Files() {
		content, err := view.Read(read)
		if err != nil || isKustomizationFile(read) || !declares(content, kind, name) {
			continue
		}
		if found {
			return "", false
		}
		file, found = read, true
	}
	return file, found
}

func declares(content []byte, kind, name string) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if decoder.Decode(&document) != nil {
			return false
		}
		if document.Kind == kind && document.Metadata.Name == name {
			return true
		}
	}
}

// emptyManifests returns the manifests, among the files read, that a kustomization file lists and that have no content,
// not even a comment. kustomize accepts them silently, but an empty file is listed by mistake.
func emptyManifests(view *source.View) []string {
	var empty []string
	for _, name := range view.Files() {
		content, err := view.Read(name)
		if err != nil || isKustomizationFile(name) || len(bytes.Trim(content, "- \t\r\n")) > 0 {
			continue
		}
		if listsResource(view, name) {
			empty = append(empty, name)
		}
	}
	return empty
}

// listsResource reports whether a kustomization file among the files read, or generated, lists a manifest.
func listsResource(view *source.View, target string) bool {
	for _, name := range view.Files() {
		if !isKustomizationFile(name) {
			continue
		}
		content, err := view.ReadFile(view.Absolute(name))
		var document yaml.Node
		if err != nil || yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
			continue
		}
		resources := valueOf(document.Content[0], "resources")
		if resources != nil && findPath(resources, path.Dir(name), target) != nil {
			return true
		}
	}
	return false
}
