// Package build renders a folder like kustomize-controller v1.7.2: with Flux's own generator and kustomize.
package build

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/resource"

	"k8s-gitops/tools/flux-render/internal/source"
)

// Built is an object and its origin.
type Built struct {
	*resource.Resource
	// File is the manifest that declares the object, or the kustomization file whose generator created it; relative to
	// the root.
	File      string
	Generated bool
}

// Result is the outcome of building one folder.
type Result struct {
	Objects []Built
	// Remote lists the remote references that were left out.
	Remote []Reference
	// Empty lists the manifests without content, which kustomize accepts.
	Empty []string
}

// Build renders a folder for a Flux Kustomization. It writes nothing to the repository and fetches nothing. The error
// is a *Failure.
func Build(view *source.View, folder string, flux unstructured.Unstructured) (Result, error) {
	remote := newRemoteFilter(view)
	filtered := filteredView{View: view, filter: remote}
	name, content, err := generate(filtered, folder, flux)
	if err != nil {
		return Result{Remote: remote.found()}, failure(view, folder, err)
	}
	objects, origins, err := buildTracked(filtered, folder, name, content, flux)
	if err != nil {
		return Result{Remote: remote.found()}, failure(view, folder, err)
	}
	result := Result{Remote: remote.found(), Empty: emptyManifests(view)}
	for index, object := range objects.Resources() {
		built := Built{Resource: object, File: name, Generated: true}
		switch origin := origins[index]; {
		case origin != nil && !isTransformed(origin):
			built.File, built.Generated = originFile(folder, origin)
		default:
			if file, found := fileWith(view, object.GetKind(), object.GetName()); found {
				built.File, built.Generated = file, false
			}
		}
		result.Objects = append(result.Objects, built)
	}
	return result, nil
}

// isTransformed reports whether a patch replaced an object's origin: kustomize then names the patch as the origin.
func isTransformed(origin *resource.Origin) bool {
	return origin.Path == "" && strings.HasSuffix(origin.ConfiguredBy.Kind, "Transformer")
}

// originFile converts kustomize's origin record to a file relative to the root.
func originFile(folder string, origin *resource.Origin) (file string, generated bool) {
	if origin.Path != "" {
		return path.Join(folder, filepath.ToSlash(origin.Path)), false
	}
	return path.Join(folder, filepath.ToSlash(origin.ConfiguredIn)), true
}

// kustomizationFile returns the path of a folder's kustomization file, if it has one.
func kustomizationFile(view *source.View, folder string) (string, bool) {
	for _, base := range konfig.RecognizedKustomizationFileNames() {
		if name := path.Join(folder, base); view.Kind(name) == source.File {
			return name, true
		}
	}
	return "", false
}

// KustomizationFile returns the folder's own kustomization file, or the folder itself if it has none.
func KustomizationFile(view *source.View, folder string) string {
	if name, found := kustomizationFile(view, folder); found && !view.IsOverlayOnly(name) {
		return name
	}
	return folder
}

func isKustomizationFile(name string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), path.Base(name))
}

// relativize strips the absolute path of the checkout, or of a scratch copy, from a text.
func relativize(text, root string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, root+string(filepath.Separator), ""), root, ".")
}
