// Package protocol defines flux-render's JSON requests and responses. gitops/tree.ts uses the same names.
package protocol

import "encoding/json"

// Mode selects what a request does: empty renders clusters, "check" validates objects, "schemas" builds schemas.
type Mode struct {
	Mode string `json:"mode,omitempty"`
}

// Request renders clusters.
type Request struct {
	Mode
	// Root is the absolute path of the repository.
	Root string `json:"root"`
	// Cache is the folder for results of earlier runs; empty disables caching.
	Cache string `json:"cache,omitempty"`
	// Schemas is a folder built by mode "schemas"; empty skips schema validation.
	Schemas string `json:"schemas,omitempty"`
	// Strict makes an unset variable an error, as kustomize-controller's StrictPostBuildSubstitutions does.
	Strict bool `json:"strict,omitempty"`
	// Sources are the names of Flux sources that refer to this repository.
	Sources []string `json:"sources,omitempty"`
	// URLs are the URLs of this repository; a declared source with one of them refers to it, too.
	URLs []string `json:"urls,omitempty"`
	// Hidden are files and folders below Root that are not in Git, so Flux does not see them.
	Hidden   []string         `json:"hidden,omitempty"`
	Clusters []ClusterRequest `json:"clusters"`
}

// CheckRequest validates objects against their schemas.
type CheckRequest struct {
	Mode
	Schemas string            `json:"schemas"`
	Objects []json.RawMessage `json:"objects"`
}

// SchemasRequest builds a folder of schemas.
type SchemasRequest struct {
	Mode
	Sources []SchemaSource `json:"sources"`
	// OpenAPI is the folder with the API server's OpenAPI v3 documents.
	OpenAPI string `json:"openapi"`
	// Out is the folder to create; an existing one is replaced.
	Out string `json:"out"`
}

// ClusterRequest is one entry point to render.
type ClusterRequest struct {
	Name string `json:"name"`
	// Entry is the folder Flux starts from, relative to the root.
	Entry string `json:"entry"`
	// Namespace and Kustomization are those of the Flux Kustomization that applies the entry; flux-system when empty.
	Namespace     string `json:"namespace,omitempty"`
	Kustomization string `json:"kustomization,omitempty"`
	// Spec is that Kustomization's spec, without its path.
	Spec map[string]any `json:"spec,omitempty"`
	// Settings are ConfigMaps and Secrets that exist on the cluster but not in Git.
	Settings []Settings `json:"settings,omitempty"`
}

// Settings is a ConfigMap, or a Secret with plain-text values. Without a name it stands for all objects of its kind
// that are found nowhere else.
type Settings struct {
	Kind      string            `json:"kind"`
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Data      map[string]string `json:"data"`
}

// SchemaSource lists files or folders with CustomResourceDefinitions.
type SchemaSource struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
	// Groups are the API groups to include; all if empty.
	Groups []string `json:"groups,omitempty"`
}

// Response answers a rendering request.
type Response struct {
	Version  string    `json:"version"`
	Clusters []Cluster `json:"clusters"`
}

// Cluster is one rendered cluster.
type Cluster struct {
	Name           string          `json:"name"`
	Entry          string          `json:"entry"`
	Kustomizations []Kustomization `json:"kustomizations"`
	Objects        []Object        `json:"objects"`
	Problems       []Problem       `json:"problems"`
	Coverage       Coverage        `json:"coverage"`
}

// Kustomization is a Flux Kustomization and its outcome.
type Kustomization struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Object    map[string]any `json:"object"`
	// Parent is the id of the Kustomization that applies this one; empty for the entry point.
	Parent string `json:"parent,omitempty"`
	File   string `json:"file"`
	Path   string `json:"path"`
	// Skipped is external, suspended or failed; empty if it was rendered.
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
	// Encrypted is set if SOPS encrypts some values, which are placeholders here.
	Encrypted bool `json:"encrypted,omitempty"`
}

// VariableUse is a variable in an object's text before substitution.
type VariableUse struct {
	Name string `json:"name"`
	// HasDefault is set if no use of the variable fails when it is unset.
	HasDefault bool `json:"hasDefault"`
}

// Problem is one thing that is wrong. File and Line are set if it concerns a file, Object and Field if an object.
type Problem struct {
	ID            string `json:"id"`
	Kustomization string `json:"kustomization"`
	Object        *int   `json:"object,omitempty"`
	Field         string `json:"field,omitempty"`
	File          string `json:"file,omitempty"`
	Line          int    `json:"line,omitempty"`
	What          string `json:"what"`
}

// Coverage counts the objects that were validated against a schema.
type Coverage struct {
	Checked      int      `json:"checked"`
	Total        int      `json:"total"`
	KindsWithout []string `json:"kindsWithout"`
}

// CheckResponse answers mode "check"; Problem.Object is an index into the request's objects.
type CheckResponse struct {
	Problems []Problem `json:"problems"`
	Coverage Coverage  `json:"coverage"`
}

// SchemasResponse answers mode "schemas".
type SchemasResponse struct {
	// Kinds are all `group/version/Kind` that now have a schema, sorted.
	Kinds    []string  `json:"kinds"`
	Problems []Problem `json:"problems"`
}
