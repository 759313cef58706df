package render

import (
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
)

// Reasons why a Kustomization's folder was not rendered, or why its objects differ from those on the cluster.
const (
	skippedExternal  = "external"
	skippedSuspended = "suspended"
	skippedFailed    = "failed"
)

// kustomization is a Flux Kustomization of one cluster.
type kustomization struct {
	id     string
	object unstructured.Unstructured
	parent *kustomization
	// declaration is the parent's object that declares it; nil for the entry point.
	declaration *object
	depth       int
	// assumed is set for an entry point whose Kustomization is nowhere in Git: its spec is not known.
	assumed bool

	file    string
	folder  string
	skipped string
	result  result
	// variables and problems are specific to this cluster; result may come from an earlier run.
	variables map[string]string
	problems  []protocol.Problem

	children []*kustomization
}

// object is an object that a Kustomization applies.
type object struct {
	protocol.Object
	// incomplete is set if the object differs from what Flux would apply, so it cannot be validated.
	incomplete bool
	// renderProblems were found during rendering; problems are specific to this cluster.
	renderProblems []protocol.Problem
	problems       []protocol.Problem
	// schema identifies the schema of the validation; checked is set if it ran in this process.
	schema     string
	validation schema.Result
	checked    bool
}

// result is the outcome of rendering a Kustomization's folder.
type result struct {
	objects  []*object
	problems []protocol.Problem
	files    []string
	failed   bool
	// key and observed are for the cache; fresh is set if the result is not cached yet.
	key      string
	observed map[string]string
	fresh    bool
}

func identity(object unstructured.Unstructured, fallback string) string {
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = fallback
	}
	return namespace + "/" + object.GetName()
}

func newKustomization(content map[string]any, parent *kustomization, declaration *object) *kustomization {
	flux := unstructured.Unstructured{Object: content}
	result := &kustomization{object: flux, parent: parent, declaration: declaration, folder: folderOf(flux)}
	if parent != nil {
		result.id = identity(flux, parent.namespace())
		result.depth = parent.depth + 1
		result.file = declaration.File
	} else {
		result.id = identity(flux, "")
	}
	return result
}

func (k *kustomization) namespace() string {
	namespace, _, _ := strings.Cut(k.id, "/")
	return namespace
}

// folderOf returns spec.path relative to the root, joined like Flux does: it cannot leave the source.
func folderOf(flux unstructured.Unstructured) string {
	written, _, _ := unstructured.NestedString(flux.Object, "spec", "path")
	return strings.TrimPrefix(path.Clean("/"+written), "/")
}

func isFluxKustomization(content map[string]any) bool {
	object := unstructured.Unstructured{Object: content}
	return object.GetKind() == "Kustomization" &&
		strings.HasPrefix(object.GetAPIVersion(), "kustomize.toolkit.fluxcd.io/") && object.GetName() != ""
}

func (k *kustomization) suspended() bool {
	suspended, _, _ := unstructured.NestedBool(k.object.Object, "spec", "suspend")
	return suspended
}

func (k *kustomization) substitutes() bool {
	_, found, _ := unstructured.NestedFieldNoCopy(k.object.Object, "spec", "postBuild")
	return found
}
