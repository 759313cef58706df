package build

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	kustypes "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// buildTracked builds a folder whose kustomization file has a given content, and tells where each object comes from.
// kustomize writes that into an annotation while it builds. Where a patch could see it, the objects are those of
// a second build without; else the annotation is taken off again.
func buildTracked(
	view filteredView, folder, name string, content []byte, flux unstructured.Unstructured,
) (resmap.ResMap, []*resource.Origin, error) {
	var kustomization kustypes.Kustomization
	if err := yaml.Unmarshal(content, &kustomization); err != nil {
		return nil, nil, err
	}
	if slices.Contains(kustomization.BuildMetadata, kustypes.OriginAnnotations) {
		// Asked for by the file, or by Flux, which does so where a file names no resources: the annotation is to stay.
		view.Overlay(name, content)
		objects, err := kustomize.Build(view, view.Absolute(folder))
		if err != nil {
			return nil, nil, err
		}
		return objects, originsOf(objects), nil
	}
	kustomization.BuildMetadata = append(kustomization.BuildMetadata, kustypes.OriginAnnotations)
	tracking, err := yaml.Marshal(kustomization)
	if err != nil {
		return nil, nil, err
	}
	view.Overlay(name, tracking)
	defer view.Overlay(name, content)
	tracked, err := kustomize.Build(view, view.Absolute(folder))
	if err == nil {
		origins := originsOf(tracked)
		if !mayDependOnAnnotations(view, folder, flux, origins) {
			return tracked, origins, tracked.RemoveOriginAnnotations()
		}
	}
	view.Overlay(name, content)
	objects, plainErr := kustomize.Build(view, view.Absolute(folder))
	if plainErr != nil {
		return nil, nil, plainErr
	}
	if err != nil {
		// Objects without a known place are better than none.
		return objects, make([]*resource.Origin, objects.Size()), nil
	}
	return objects, matchOrigins(objects, tracked), nil
}

func originsOf(objects resmap.ResMap) []*resource.Origin {
	origins := make([]*resource.Origin, objects.Size())
	for index, object := range objects.Resources() {
		if origin, err := object.GetOrigin(); err == nil {
			origins[index] = origin
		}
	}
	return origins
}

// matchOrigins gives the objects of one build the origins of the same objects in another.
func matchOrigins(objects, tracked resmap.ResMap) []*resource.Origin {
	origins := make([]*resource.Origin, objects.Size())
	known := originsOf(tracked)
	for index, object := range objects.Resources() {
		for other, twin := range tracked.Resources() {
			if twin.CurId() == object.CurId() {
				origins[index] = known[other]
				break
			}
		}
	}
	return origins
}

// mayDependOnAnnotations says whether anything but the manifests themselves speaks of annotations: a patch, a selector,
// a replacement, a transformer.
func mayDependOnAnnotations(
	view filteredView, folder string, flux unstructured.Unstructured, origins []*resource.Origin,
) bool {
	spec, _, _ := unstructured.NestedMap(flux.Object, "spec")
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902"} {
		if strings.Contains(strings.ToLower(fmt.Sprint(spec[field])), "annotation") {
			return true
		}
	}
	manifests := map[string]bool{}
	for _, origin := range origins {
		if origin != nil && origin.Path != "" {
			manifests[path.Join(folder, origin.Path)] = true
		}
	}
	for _, file := range view.Files() {
		content, err := view.Read(file)
		if err == nil && !manifests[file] && bytes.Contains(bytes.ToLower(content), []byte("annotation")) {
			return true
		}
	}
	return false
}
