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

// buildTracked builds a folder whose kustomization file has the given content and returns the origin of each object.
// kustomize records origins in an annotation while it builds. The annotation is removed afterwards; if a patch could
// have seen it, the objects come from a second build without it.
func buildTracked(
	view filteredView, folder, name string, content []byte, flux unstructured.Unstructured,
) (resmap.ResMap, []*resource.Origin, error) {
	var kustomization kustypes.Kustomization
	if err := yaml.Unmarshal(content, &kustomization); err != nil {
		return nil, nil, err
	}
	if slices.Contains(kustomization.BuildMetadata, kustypes.OriginAnnotations) {
		// The file requests it, or Flux does because the file lists no resources: the annotation has to stay.
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
		// Objects with unknown origins are better than none.
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

// matchOrigins assigns the origins found in one build to the same objects of another.
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

// mayDependOnAnnotations reports whether anything besides the manifests mentions annotations: a patch, a selector, a
// replacement or a transformer.
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
