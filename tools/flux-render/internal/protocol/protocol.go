// Package protocol holds what flux-render is asked and what it answers, as JSON. gitops/tree.ts has the same names.
package protocol

import "encoding/json"

// Mode says which question a request is: empty renders clusters, "check" judges objects, "schemas" builds schemas.
type Mode struct {
	Mode string `json:"mode,omitempty"`
}

// Request asks to render clusters.
type Request struct {
	Mode
	// Root is the repository's folder, absolute.
	Root string `json:"root"`
	// Cache is the folder for results of earlier runs; empty for none.
	Cache string `json:"cache,omitempty"`
	// Schemas is a folder that mode "schemas" built; empty to judge nothing.
	Schemas string `json:"schemas,omitempty"`
	// Strict makes an unset variable an error, as kustomize-controller's StrictPostBuildSubstitutions does.
	Strict bool `json:"strict,omitempty"`
	// Sources are names of Flux sources that mean this repository.
	Sources []string `json:"sources,omitempty"`
	// URLs are addresses of this repository; a declared source with one of them means it, too.
	URLs []string `json:"urls,omitempty"`
	// Hidden are files and folders below Root that are not in Git, so that Flux does not see them.
	Hidden   []string         `json:"hidden,omitempty"`
	Clusters []ClusterRequest `json:"clusters"`
}

// CheckRequest asks to judge objects by their schemas.
type CheckRequest struct {
	Mode
	Schemas string            `json:"schemas"`
	Objects []json.RawMessage `json:"objects"`
}

// SchemasRequest asks to build a folder of schemas.
type SchemasRequest struct {
	Mode
	Sources []SchemaSource `json:"sources"`
	// OpenAPI is the folder with the API server's OpenAPI v3 documents.
	OpenAPI string `json:"openapi"`
	// Out is the folder to make; what is there is replaced.
	Out string `json:"out"`
}

// ClusterRequest is one entry point.
type ClusterRequest struct {
	Name string `json:"name"`
	// Entry is the folder that Flux starts at, from the root.
	Entry string `json:"entry"`
	// Namespace and Kustomization are those of the Flux Kustomization that applies the entry; flux-system when empty.
	Namespace     string `json:"namespace,omitempty"`
	Kustomization string `json:"kustomization,omitempty"`
	// Spec is what that Kustomization's spec says besides its path.
	Spec map[string]any `json:"spec,omitempty"`
	// Settings are ConfigMaps and Secrets that are on the cluster without Git.
	Settings []Settings `json:"settings,omitempty"`
}

// Settings is a ConfigMap, or a Secret with its values in plain text. Without a name it stands for all that are found
// nowhere else.
type Settings struct {
	Kind      string            `json:"kind"`
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Data      map[string]string `json:"data"`
}

// SchemaSource names files or folders with CustomResourceDefinitions.
type SchemaSource struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
	// Groups are the API groups to take; all when empty.
	Groups []string `json:"groups,omitempty"`
}

// Answer is what a rendering request gets.
type Answer struct {
	Version  string    `json:"version"`
	Clusters []Cluster `json:"clusters"`
}

// Cluster is one cluster, rendered.
type Cluster struct {
	Name           string          `json:"name"`
	Entry          string          `json:"entry"`
	Kustomizations []Kustomization `json:"kustomizations"`
	Objects        []Object        `json:"objects"`
	Problems       []Problem       `json:"problems"`
	Coverage       Coverage        `json:"coverage"`
}

// Kustomization is a Flux Kustomization and what became of it.
type Kustomization struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Object    map[string]any `json:"object"`
	// Parent is the id of the Kustomization that applies it; empty for the entry point.
	Parent string `json:"parent,omitempty"`
	File   string `json:"file"`
	Path   string `json:"path"`
	// Skipped is external, suspended or failed; empty when it was rendered.
	Skipped   string            `json:"skipped,omitempty"`
	Variables map[string]string `json:"variables"`
	Files     []string          `json:"files"`
}

// Object is an object as Flux applies it.
type Object struct {
	Kustomization string         `json:"kustomization"`
	Object        map[string]any `json:"object"`
	File          string         `json:"file"`
	Generated     bool           `json:"generated"`
	Variables     []VariableUse  `json:"variables"`
	// Encrypted says that SOPS hides values of it, which are placeholders here.
	Encrypted bool `json:"encrypted,omitempty"`
}

// VariableUse is a variable in an object's text before substitution.
type VariableUse struct {
	Name string `json:"name"`
	// HasDefault says that no use of it fails when it is unset.
	HasDefault bool `json:"hasDefault"`
}

// Problem is something wrong. File and Line are set when it is about a file, Object and Field when about an object.
type Problem struct {
	ID            string `json:"id"`
	Kustomization string `json:"kustomization"`
	Object        *int   `json:"object,omitempty"`
	Field         string `json:"field,omitempty"`
	File          string `json:"file,omitempty"`
	Line          int    `json:"line,omitempty"`
	What          string `json:"what"`
}

// Coverage counts the objects that a schema judged.
type Coverage struct {
	Checked      int      `json:"checked"`
	Total        int      `json:"total"`
	KindsWithout []string `json:"kindsWithout"`
}

// CheckAnswer is what mode "check" gets; Problem.Object is an index into the request's objects.
type CheckAnswer struct {
	Problems []Problem `json:"problems"`
	Coverage Coverage  `json:"coverage"`
}

// SchemasAnswer is what mode "schemas" gets.
type SchemasAnswer struct {
	// Kinds are all `group/version/Kind` that have a schema now, sorted.
	Kinds    []string  `json:"kinds"`
	Problems []Problem `json:"problems"`
}
