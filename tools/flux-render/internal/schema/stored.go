// Package schema validates objects like the API server of Kubernetes 1.34.1: built-in kinds against its published
// OpenAPI documents and its Go types, custom resources with its own libraries.
package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kubernetesVersion is the version of the API server that the OpenAPI documents and libraries come from.
const kubernetesVersion = "1.34.1"

// stored is the persisted form of one version of a kind.
type stored struct {
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	BuiltIn    bool   `json:"builtIn,omitempty"`
	Namespaced bool   `json:"namespaced,omitempty"`
	Unserved   bool   `json:"unserved,omitempty"`
	Deprecated bool   `json:"deprecated,omitempty"`
	// Warning is the API server's warning to users of a deprecated version.
	Warning string `json:"warning,omitempty"`
	// HasStatus is set if status is a subresource, so that applying the object cannot set it.
	HasStatus bool `json:"hasStatus,omitempty"`
	// Loose is set if unknown fields are preserved.
	Loose  bool                             `json:"loose,omitempty"`
	Schema *apiextensionsv1.JSONSchemaProps `json:"schema,omitempty"`
}

func (s *stored) id() kindID { return kindID{s.Group, s.Version, s.Kind} }

// kindID is group, version and kind.
type kindID struct{ group, version, kind string }

func idOf(object map[string]any) kindID {
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	parsed, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return kindID{version: apiVersion, kind: kind}
	}
	return kindID{parsed.Group, parsed.Version, kind}
}

func (k kindID) String() string {
	if k.group == "" {
		return k.version + "/" + k.kind
	}
	return k.group + "/" + k.version + "/" + k.kind
}

// file returns the name of the file in which a kind is stored.
func (k kindID) file() string {
	return strings.ReplaceAll(k.String(), "/", "_") + ".json"
}

// index is the table of contents of a folder of schemas.
type index struct {
	// BuiltInGroups are the API groups that Kubernetes serves without CRDs.
	BuiltInGroups []string `json:"builtInGroups"`
	// Kinds maps every `group/version/Kind` to the hash of its stored form.
	Kinds map[string]string `json:"kinds"`
}

const indexFile = "index.json"

func writeJSON(folder, name string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), content, 0o644)
}

func readJSON(folder, name string, into any) error {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}
