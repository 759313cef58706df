// Package schema judges objects as the API server of Kubernetes 1.34.1 does: built-in kinds by its published OpenAPI and
// its Go types, custom resources by its own libraries.
package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kubernetesVersion is the API server's, whose OpenAPI and libraries these are.
const kubernetesVersion = "1.34.1"

// stored is what is kept of one kind in one version.
type stored struct {
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	BuiltIn    bool   `json:"builtIn,omitempty"`
	Namespaced bool   `json:"namespaced,omitempty"`
	Unserved   bool   `json:"unserved,omitempty"`
	Deprecated bool   `json:"deprecated,omitempty"`
	// Warning is what the API server would say to a user of a deprecated version.
	Warning string `json:"warning,omitempty"`
	// HasStatus says that status is a subresource, so that what is applied cannot set it.
	HasStatus bool `json:"hasStatus,omitempty"`
	// Loose says that unknown fields are kept.
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

// file is the name that a kind is stored under.
func (k kindID) file() string {
	return strings.ReplaceAll(k.String(), "/", "_") + ".json"
}

// index is what a folder of schemas says of itself.
type index struct {
	// BuiltInGroups are those that Kubernetes serves without any CRD.
	BuiltInGroups []string `json:"builtInGroups"`
	// Kinds are all `group/version/Kind`, and the hash of what is stored for each.
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
