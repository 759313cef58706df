package render

import (
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
)

// Reasons why a Kustomization's folder was not rendered, or its objects are not what is on the cluster.
const (
	skippedExternal  = "external"
	skippedSuspended = "suspended"
	skippedFailed    = "failed"
)

// kustomization is a Flux Kustomization on one cluster.
type kustomization struct {
	id     string
	object unstructured.Unstructured
	parent *kustomization
	// declared is the parent's object; nil for the entry point.
	declared *object
	depth    int

	file    string
	folder  string
	skipped string
	result  result
	// variables and problems are of this cluster; result may be shared with an earlier run.
	variables map[string]string
	problems  []protocol.Problem

	children []*kustomization
}

// object is an object that a Kustomization applies.
type object struct {
	protocol.Object
	// unfinished says that it is not what Flux would apply, so schemas cannot judge it.
	unfinished bool
	// rendering is what was wrong when it was made; problems is what is wrong with it on this cluster.
	rendering []protocol.Problem
	problems  []protocol.Problem
	// schema tells which schema the verdict is of; judged that it was made in this run.
	schema  string
	verdict schema.Verdict
	judged  bool
}

// result is what a Kustomization's folder gives.
type result struct {
	objects  []*object
	problems []protocol.Problem
	files    []string
	failed   bool
	// key and asked are for the cache; fresh says that it does not have this yet.
	key   string
	asked map[string]string
	fresh bool
}

func identity(object unstructured.Unstructured, otherwise string) string {
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = otherwise
	}
	return namespace + "/" + object.GetName()
}

func newKustomization(content map[string]any, parent *kustomization, declared *object) *kustomization {
	flux := unstructured.Unstructured{Object: content}
	made := &kustomization{object: flux, parent: parent, declared: declared, folder: folderOf(flux)}
	if parent != nil {
		made.id = identity(flux, parent.namespace())
		made.depth = parent.depth + 1
		made.file = declared.File
	} else {
		made.id = identity(flux, "")
	}
	return made
}

func (k *kustomization) namespace() string {
	namespace, _, _ := strings.Cut(k.id, "/")
	return namespace
}

// folderOf is spec.path from the root, joined as Flux joins it: it cannot leave the source.
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
