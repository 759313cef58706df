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

// The API server's version, to compare lifecycles with.
const kubernetesMajor, kubernetesMinor = 1, 34

type deprecated interface{ APILifecycleDeprecated() (int, int) }
type removed interface{ APILifecycleRemoved() (int, int) }
type replaced interface {
	APILifecycleReplacement() schema.GroupVersionKind
}

// lifecycle finds deprecated and removed APIs. found is nil where there is no schema.
func (j *Judge) lifecycle(id kindID, found *kind) []protocol.Problem {
	say := func(problem, what string) []protocol.Problem {
		return []protocol.Problem{{ID: problem, Field: "apiVersion", What: what}}
	}
	if found != nil && !found.BuiltIn {
		switch {
		case found.Unserved:
			return say("api-removed", fmt.Sprintf("%s is not served any more", id))
		case found.Deprecated && found.Warning != "":
			return say("api-deprecated", fmt.Sprintf("%s is deprecated: %s", id, found.Warning))
		case found.Deprecated:
			return say("api-deprecated", fmt.Sprintf("%s is deprecated", id))
		}
		return nil
	}
	if object, err := scheme.Scheme.New(schema.GroupVersionKind{Group: id.group, Version: id.version, Kind: id.kind}); err == nil {
		instead := ""
		if known, ok := object.(replaced); ok {
			replacement := known.APILifecycleReplacement()
			instead = fmt.Sprintf("; use %s %s", replacement.GroupVersion(), replacement.Kind)
		}
		if known, ok := object.(removed); ok && reached(known.APILifecycleRemoved()) {
			major, minor := known.APILifecycleRemoved()
			return say("api-removed", fmt.Sprintf("%s was removed in Kubernetes %d.%d%s", id, major, minor, instead))
		}
		if known, ok := object.(deprecated); ok && reached(known.APILifecycleDeprecated()) {
			major, minor := known.APILifecycleDeprecated()
			return say("api-deprecated", fmt.Sprintf("%s is deprecated since Kubernetes %d.%d%s", id, major, minor, instead))
		}
	}
	if found != nil {
		return nil
	}
	if others := j.otherVersions(id); len(others) > 0 {
		what := fmt.Sprintf("%s does not exist; %s has %s", id, id.kind, strings.Join(others, ", "))
		if isNewerThanAll(id.version, others) {
			return say("api-unknown", what)
		}
		return say("api-removed", what)
	}
	if slices.Contains(j.set.index.BuiltInGroups, id.group) {
		return say("api-unknown", fmt.Sprintf("Kubernetes %s has no %s", kubernetesVersion, id))
	}
	return nil
}

// isNewerThanAll says whether a version may be one of a later release: whoever runs that has it.
func isNewerThanAll(one string, others []string) bool {
	for _, other := range others {
		if version.CompareKubeAwareVersionStrings(one, other) < 0 {
			return false
		}
	}
	return true
}

func reached(major, minor int) bool {
	return major != 0 && (major < kubernetesMajor || major == kubernetesMajor && minor <= kubernetesMinor)
}
