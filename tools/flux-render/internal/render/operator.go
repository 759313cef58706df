package render

import (
	"maps"
	"path"
	"regexp"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// operatorEntry returns the entry point's Kustomization as flux-operator creates it: from the sync of the FluxInstance
// that follows the entry's folder, with its patches. Nil if the cluster has no such FluxInstance.
func (c *cluster) operatorEntry() map[string]any {
	for _, instance := range c.fluxInstances() {
		spec, _, _ := unstructured.NestedMap(instance.Object, "spec")
		sync, isMap := spec["sync"].(map[string]any)
		if !isMap || folderOf(unstructured.Unstructured{Object: map[string]any{"spec": sync}}) != c.entry.folder {
			continue
		}
		name, _ := sync["name"].(string)
		if name == "" {
			name = instance.GetNamespace()
		}
		kind, _ := sync["kind"].(string)
		patches, _, _ := unstructured.NestedSlice(spec, "kustomize", "patches")
		return patchedEntry(map[string]any{
			"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
			"kind":       "Kustomization",
			"metadata":   map[string]any{"name": name, "namespace": instance.GetNamespace()},
			"spec": map[string]any{
				"interval":  entryInterval,
				"path":      "./" + c.entry.folder,
				"prune":     true,
				"sourceRef": map[string]any{"kind": kind, "name": name},
			},
		}, patches)
	}
	return nil
}

// patchedEntry applies a FluxInstance's patches to the Kustomization; nil if kustomize refuses them.
func patchedEntry(flux map[string]any, patches []any) map[string]any {
	var fitting []any
	for _, patch := range patches {
		if fields, isMap := patch.(map[string]any); isMap && mayPatchKustomizations(fields) {
			fitting = append(fitting, fields)
		}
	}
	if len(fitting) == 0 {
		return flux
	}
	files := filesys.MakeFsInMemory()
	for name, content := range map[string]any{
		"/entry/kustomization.yaml": map[string]any{"resources": []any{"entry.yaml"}, "patches": fitting},
		"/entry/entry.yaml":         flux,
	} {
		text, err := yaml.Marshal(content)
		if err != nil || files.WriteFile(name, text) != nil {
			return nil
		}
	}
	built, err := kustomize.Build(files, "/entry")
	if err != nil || built.Size() != 1 {
		return nil
	}
	content, err := built.Resources()[0].Map()
	if err != nil {
		return nil
	}
	return content
}

// mayPatchKustomizations reports whether a patch may select Kustomizations. The others are for objects that are not here,
// and kustomize refuses a patch without a target whose object does not exist.
func mayPatchKustomizations(patch map[string]any) bool {
	target, hasTarget := patch["target"].(map[string]any)
	if !hasTarget {
		text, _ := patch["patch"].(string)
		var object struct {
			Kind string `json:"kind"`
		}
		return yaml.Unmarshal([]byte(text), &object) == nil && object.Kind == "Kustomization"
	}
	kind, _ := target["kind"].(string)
	if kind == "" {
		return true
	}
	matches, err := regexp.MatchString("^(?:"+kind+")$", "Kustomization")
	return err == nil && matches
}

// fluxInstances returns the FluxInstances of a cluster: those in Git, those of the flux-instance chart, and either in a
// ResourceSet that lists them without a template.
func (c *cluster) fluxInstances() []unstructured.Unstructured {
	var candidates, instances []unstructured.Unstructured
	for _, flux := range flatten(c.entry, nil) {
		for _, object := range flux.result.objects {
			content := unstructured.Unstructured{Object: object.Object.Object}
			candidates = append(candidates, content)
			if isOperatorKind(content, "ResourceSet") {
				candidates = append(candidates, plainResources(content)...)
			}
		}
	}
	charts := map[string]bool{}
	for _, object := range candidates {
		if url, _, _ := unstructured.NestedString(object.Object, "spec", "url"); object.GetKind() == "OCIRepository" && path.Base(url) == "flux-instance" {
			charts[object.GetNamespace()+"/"+object.GetName()] = true
		}
	}
	for _, object := range candidates {
		switch {
		case isOperatorKind(object, "FluxInstance"):
			instances = append(instances, object)
		case object.GetKind() == "HelmRelease" && installsFluxInstance(object, charts):
			namespace, _, _ := unstructured.NestedString(object.Object, "spec", "targetNamespace")
			if namespace == "" {
				namespace = object.GetNamespace()
			}
			spec, _ := c.chartValues(object)["instance"].(map[string]any)
			instance := unstructured.Unstructured{Object: map[string]any{"spec": spec}}
			instance.SetNamespace(namespace)
			instances = append(instances, instance)
		}
	}
	return instances
}

func isOperatorKind(object unstructured.Unstructured, kind string) bool {
	return object.GetKind() == kind && strings.HasPrefix(object.GetAPIVersion(), "fluxcd.controlplane.io/")
}

// plainResources returns the objects that a ResourceSet lists without a template.
func plainResources(set unstructured.Unstructured) []unstructured.Unstructured {
	var plain []unstructured.Unstructured
	resources, _, _ := unstructured.NestedSlice(set.Object, "spec", "resources")
	for _, resource := range resources {
		content, isMap := resource.(map[string]any)
		if !isMap || !walkTexts(content, "", func(_, text string) bool { return !strings.Contains(text, "<<") }) {
			continue
		}
		object := unstructured.Unstructured{Object: content}
		if object.GetNamespace() == "" {
			object.SetNamespace(set.GetNamespace())
		}
		plain = append(plain, object)
	}
	return plain
}

func installsFluxInstance(release unstructured.Unstructured, charts map[string]bool) bool {
	if chart, _, _ := unstructured.NestedString(release.Object, "spec", "chart", "spec", "chart"); chart != "" {
		return path.Base(chart) == "flux-instance"
	}
	reference, _, _ := unstructured.NestedMap(release.Object, "spec", "chartRef")
	ref := referenceIn(reference, release.GetNamespace())
	return ref.kind == "OCIRepository" && charts[ref.namespace+"/"+ref.name]
}

// chartValues returns the values of a HelmRelease as far as they are in Git: those of its ConfigMaps, then its own.
func (c *cluster) chartValues(release unstructured.Unstructured) map[string]any {
	values := map[string]any{}
	sources, _, _ := unstructured.NestedSlice(release.Object, "spec", "valuesFrom")
	for _, entry := range sources {
		fields, _ := entry.(map[string]any)
		name, _ := fields["name"].(string)
		key, _ := fields["valuesKey"].(string)
		if key == "" {
			key = "values.yaml"
		}
		settings := c.registry.lookup("ConfigMap", release.GetNamespace(), name)
		var from map[string]any
		if fields["kind"] == "ConfigMap" && settings != nil && yaml.Unmarshal([]byte(settings.Data[key]), &from) == nil {
			values = mergedValues(values, from)
		}
	}
	own, _, _ := unstructured.NestedMap(release.Object, "spec", "values")
	return mergedValues(values, own)
}

// mergedValues merges maps like Helm: a later value replaces an earlier one, except that maps are merged.
func mergedValues(base, over map[string]any) map[string]any {
	all := maps.Clone(base)
	for key, value := range over {
		before, wasMap := all[key].(map[string]any)
		after, isMap := value.(map[string]any)
		if wasMap && isMap {
			value = mergedValues(before, after)
		}
		all[key] = value
	}
	return all
}
