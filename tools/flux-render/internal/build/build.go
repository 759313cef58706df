// Package build makes objects of a folder as kustomize-controller v1.7.2 does: with Flux's own generator and kustomize.
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

// Built is an object and where it comes from.
type Built struct {
	*resource.Resource
	// File is the one its document stands in, or the kustomization file whose generator made it; from the root.
	File      string
	Generated bool
}

// Result is what a folder gives.
type Result struct {
	Objects []Built
	// Remote are the references to other places that were left out.
	Remote []Reference
}

// Build renders a folder for a Flux Kustomization. Nothing is written to the repository, nothing is fetched.
// The error is a *Failure.
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
	result := Result{Remote: remote.found()}
	for index, object := range objects.Resources() {
		built := Built{Resource: object, File: name, Generated: true}
		switch origin := origins[index]; {
		case origin != nil && !isTransformed(origin):
			built.File, built.Generated = place(folder, origin)
		default:
			if file, found := fileWith(view, object.GetKind(), object.GetName()); found {
				built.File, built.Generated = file, false
			}
		}
		result.Objects = append(result.Objects, built)
	}
	return result, nil
}

// isTransformed says that a patch has thrown the record of an object's origin away: kustomize then takes the patch for it.
func isTransformed(origin *resource.Origin) bool {
	return origin.Path == "" && strings.HasSuffix(origin.ConfiguredBy.Kind, "Transformer")
}

// place turns kustomize's record of an origin into a file from the root.
func place(folder string, origin *resource.Origin) (file string, generated bool) {
	if origin.Path != "" {
		return path.Join(folder, filepath.ToSlash(origin.Path)), false
	}
	return path.Join(folder, filepath.ToSlash(origin.ConfiguredIn)), true
}

// kustomizationFile finds the kustomization file of a folder.
func kustomizationFile(view *source.View, folder string) (string, bool) {
	for _, base := range konfig.RecognizedKustomizationFileNames() {
		if name := path.Join(folder, base); view.Kind(name) == source.File {
			return name, true
		}
	}
	return "", false
}

// KustomizationFile is the folder's own kustomization file, or the folder where it has none.
func KustomizationFile(view *source.View, folder string) string {
	if name, found := kustomizationFile(view, folder); found && !view.Covered(name) {
		return name
	}
	return folder
}

func isKustomizationFile(name string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), path.Base(name))
}

// relativize takes absolute paths of the checkout, or of a scratch copy, out of a text.
func relativize(text, root string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, root+string(filepath.Separator), ""), root, ".")
}
