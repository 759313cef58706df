package schema

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes/scheme"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// kubernetesMajor and kubernetesMinor are the API server's version.
const kubernetesMajor, kubernetesMinor = 1, 34

type deprecated interface{ APILifecycleDeprecated() (int, int) }
type removed interface{ APILifecycleRemoved() (int, int) }
type replaced interface {
	APILifecycleReplacement() schema.GroupVersionKind
}

// lifecycle returns problems for deprecated and removed APIs. found is nil if there is no schema.
func (v *Validator) lifecycle(id kindID, found *kind) []protocol.Problem {
	problem := func(id, what string) []protocol.Problem {
		return []protocol.Problem{{ID: id, Field: "apiVersion", What: what}}
	}
	if found != nil && !found.BuiltIn {
		switch {
		case found.Unserved:
			return problem("api-removed", fmt.Sprintf("%s is no longer served", id))
		case found.Deprecated && found.Warning != "":
			return problem("api-deprecated", fmt.Sprintf("%s is deprecated: %s", id, found.Warning))
		case found.Deprecated:
			return problem("api-deprecated", fmt.Sprintf("%s is deprecated", id))
		}
		return nil
	}
	if object, err := scheme.Scheme.New(schema.GroupVersionKind{Group: id.group, Version: id.version, Kind: id.kind}); err == nil {
		hint := ""
		if known, ok := object.(replaced); ok {
			replacement := known.APILifecycleReplacement()
			hint = fmt.Sprintf("; use %s %s", replacement.GroupVersion(), replacement.Kind)
		}
		if known, ok := object.(removed); ok && reached(known.APILifecycleRemoved()) {
			major, minor := known.APILifecycleRemoved()
			return problem("api-removed", fmt.Sprintf("%s was removed in Kubernetes %d.%d%s", id, major, minor, hint))
		}
		if known, ok := object.(deprecated); ok && reached(known.APILifecycleDeprecated()) {
			major, minor := known.APILifecycleDeprecated()
			return problem("api-deprecated", fmt.Sprintf("%s is deprecated since Kubernetes %d.%d%s", id, major, minor, hint))
		}
	}
	if found != nil {
		return nil
	}
	if others := v.otherVersions(id); len(others) > 0 {
		what := fmt.Sprintf("%s does not exist; %s has %s", id, id.kind, strings.Join(others, ", "))
		if isNewerThanAll(id.version, others) {
			return problem("api-unknown", what)
		}
		return problem("api-removed", what)
	}
	if slices.Contains(v.set.index.BuiltInGroups, id.group) {
		return problem("api-unknown", fmt.Sprintf("Kubernetes %s has no %s", kubernetesVersion, id))
	}
	return nil
}

// isNewerThanAll reports whether a version may belong to a later release, which a newer cluster would serve.
func isNewerThanAll(candidate string, others []string) bool {
	for _, other := range others {
		if version.CompareKubeAwareVersionStrings(candidate, other) < 0 {
			return false
		}
	}
	return true
}

func reached(major, minor int) bool {
	return major != 0 && (major < kubernetesMajor || major == kubernetesMajor && minor <= kubernetesMinor)
}
