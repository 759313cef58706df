package render

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
)

// entryInterval is what `flux bootstrap` and flux-operator set.
const entryInterval = "10m0s"

// renderEntry renders the entry point, first with the given Kustomization, or a synthetic one. If the repository declares
// the Kustomization that really applies it, it renders again with that one.
func (c *cluster) renderEntry(given map[string]any) {
	assumed := given == nil
	if assumed {
		given = entryObject(c.request, c.Sources)
	}
	c.entry = newKustomization(given, nil, nil)
	c.entry.assumed = assumed
	c.renderOne(c.entry, true)
	if len(c.entry.problems) > 0 { // it may read settings that it applies itself, if they existed before
		for _, object := range c.entry.result.objects {
			c.registry.register(object.Object.Object)
		}
		c.entry = newKustomization(given, nil, nil)
		c.renderOne(c.entry, true)
	}
	for range 2 { // the declared one may have a parent folder as its path, where a patch may change it again
		declared := c.ownDeclaration()
		if declared == nil || !c.entry.assumed && sameSpec(declared, c.entry.object.Object) {
			break
		}
		for _, object := range c.entry.result.objects {
			c.registry.register(object.Object.Object)
		}
		c.entry = newKustomization(declared, nil, nil)
		c.renderOne(c.entry, true)
	}
	c.byID[c.entry.id] = c.entry
	c.entry.file = build.KustomizationFile(c.Repository.View(source.Artifact{}), c.entry.folder)
	c.discover(c.entry)
}

func entryObject(request protocol.ClusterRequest, sources []string) map[string]any {
	orDefault := func(text, fallback string) string {
		if text == "" {
			return fallback
		}
		return text
	}
	sourceName := "flux-system"
	if len(sources) > 0 {
		sourceName = sources[0]
	}
	spec := map[string]any{
		"interval":  entryInterval,
		"prune":     true,
		"sourceRef": map[string]any{"kind": "GitRepository", "name": sourceName},
	}
	for key, value := range request.Spec {
		spec[key] = value
	}
	spec["path"] = "./" + request.Entry
	return map[string]any{
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
		"kind":       "Kustomization",
		"metadata": map[string]any{
			"name":      orDefault(request.Kustomization, "flux-system"),
			"namespace": orDefault(request.Namespace, "flux-system"),
		},
		"spec": spec,
	}
}

// ownDeclaration returns the entry's own Kustomization if the entry applies it, matched by name or by folder.
func (c *cluster) ownDeclaration() map[string]any {
	for _, byFolder := range []bool{false, true} {
		for _, object := range c.entry.result.objects {
			if isFluxKustomization(object.Object.Object) && c.isEntry(object, byFolder) {
				return object.Object.Object
			}
		}
	}
	return nil
}

func (c *cluster) isEntry(object *object, byFolder bool) bool {
	flux := newKustomization(object.Object.Object, c.entry, object)
	if !byFolder {
		return flux.id == c.entry.id
	}
	origin := c.registry.originOf(flux, c.Sources, c.URLs, true)
	return origin.own && origin.folder == c.entry.folder
}

// dependsOnEntry reports whether the entry point may render differently with another Kustomization than the assumed one.
func (c *cluster) dependsOnEntry(other map[string]any) bool {
	encrypted := slices.ContainsFunc(c.entry.result.objects, func(object *object) bool { return object.Encrypted })
	return encrypted || !sameSpec(other, c.entry.object.Object)
}

func sameSpec(left, right map[string]any) bool {
	return fmt.Sprint(left["spec"]) == fmt.Sprint(right["spec"]) &&
		identity(unstructured.Unstructured{Object: left}, "") == identity(unstructured.Unstructured{Object: right}, "")
}
