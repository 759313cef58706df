package controlplane

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (r *Runner) newNode(wanted Wanted) *corev1.Node {
	cfg := wanted.Config
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: r.hostname(cfg),
		Labels: map[string]string{
			"kubernetes.io/hostname": r.hostname(cfg),
			"kubernetes.io/arch":     "amd64",
			"kubernetes.io/os":       "linux",
		},
		Annotations: map[string]string{
			"lab.k8s-gitops/simulated": "this node is a simulated Talos machine; its pods are KWOK's",
		},
	}}
	// Taints are set on creation, so that nothing is scheduled before; labels follow, like in Talos.
	configured := withConfiguredMetadata(node, wanted)
	node.Spec.Taints = configured.Spec.Taints
	if owned, ok := configured.Annotations[constants.AnnotationOwnedTaints]; ok {
		node.Annotations[constants.AnnotationOwnedTaints] = owned
	}
	return node
}

// withConfiguredMetadata sets the labels, annotations and taints of the machine configuration. Like Talos, it leaves
// alone what others set and removes what it set earlier and is no longer configured.
func withConfiguredMetadata(node *corev1.Node, wanted Wanted) *corev1.Node {
	cfg, configured := wanted.Config, node.DeepCopy()
	if configured.Labels == nil {
		configured.Labels = map[string]string{}
	}
	if configured.Annotations == nil {
		configured.Annotations = map[string]string{}
	}
	labels, taints := maps.Clone(cfg.Machine().NodeLabels()), maps.Clone(cfg.Machine().NodeTaints())
	if labels == nil {
		labels = map[string]string{}
	}
	if taints == nil {
		taints = map[string]string{}
	}
	if isControlPlane(cfg) {
		labels[controlPlaneTaint] = ""
		if !cfg.Cluster().ScheduleOnControlPlanes() {
			taints[controlPlaneTaint] = string(corev1.TaintEffectNoSchedule)
		}
	}
	reconcileOwned(configured, constants.AnnotationOwnedLabels, configured.Labels, labels)
	annotations := maps.Clone(cfg.Machine().NodeAnnotations())
	if annotations == nil {
		annotations = map[string]string{}
	}
	// Extensions become labels, and annotations if their version is not a valid label: a schematic's id has 64 characters.
	if wanted.Schematic != "" {
		annotations[constants.K8sExtensionPrefix+"schematic"] = wanted.Schematic
	}
	reconcileOwned(configured, constants.AnnotationOwnedAnnotations, configured.Annotations, annotations)

	// Taints are handled the same way, by key.
	current := map[string]string{}
	for _, taint := range configured.Spec.Taints {
		current[taint.Key] = joinTaint(taint)
	}
	before := maps.Clone(current)
	reconcileOwned(configured, constants.AnnotationOwnedTaints, current, taints)
	configured.Spec.Taints = slices.DeleteFunc(configured.Spec.Taints, func(taint corev1.Taint) bool {
		return current[taint.Key] != before[taint.Key]
	})
	for _, key := range slices.Sorted(maps.Keys(current)) {
		if current[key] != before[key] {
			effect, value := splitTaint(current[key])
			configured.Spec.Taints = append(configured.Spec.Taints, corev1.Taint{Key: key, Value: value, Effect: effect})
		}
	}
	return configured
}

// withCordon makes a node unschedulable or, if it was Talos who did that, schedulable.
func withCordon(node *corev1.Node, cordoned bool) *corev1.Node {
	changed := node.DeepCopy()
	_, ours := changed.Annotations[constants.AnnotationCordonedKey]
	switch {
	case cordoned && !changed.Spec.Unschedulable:
		changed.Spec.Unschedulable = true
		metav1.SetMetaDataAnnotation(&changed.ObjectMeta, constants.AnnotationCordonedKey, constants.AnnotationCordonedValue)
	case !cordoned && changed.Spec.Unschedulable && ours:
		changed.Spec.Unschedulable = false
		delete(changed.Annotations, constants.AnnotationCordonedKey)
	}
	return changed
}

// reconcileOwned updates current to wanted for all keys that no one else set and records these keys in an annotation.
func reconcileOwned(node *corev1.Node, annotation string, current, wanted map[string]string) {
	var owned []string
	// A malformed annotation counts as missing.
	_ = json.Unmarshal([]byte(node.Annotations[annotation]), &owned)
	for key, value := range wanted {
		if now, exists := current[key]; (!exists || now == value) && !slices.Contains(owned, key) {
			owned = append(owned, key)
		}
		if slices.Contains(owned, key) {
			current[key] = value
		}
	}
	owned = slices.DeleteFunc(owned, func(key string) bool {
		_, keep := wanted[key]
		if !keep {
			delete(current, key)
		}
		return !keep
	})
	if len(owned) == 0 {
		delete(node.Annotations, annotation)
		return
	}
	slices.Sort(owned)
	content, _ := json.Marshal(owned) // a list of strings always marshals
	node.Annotations[annotation] = string(content)
}

// joinTaint is the inverse of splitTaint.
func joinTaint(taint corev1.Taint) string {
	if taint.Value == "" {
		return string(taint.Effect)
	}
	return taint.Value + ":" + string(taint.Effect)
}

// splitTaint parses "value:effect" or "effect", the format of nodeTaints.
func splitTaint(text string) (corev1.TaintEffect, string) {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == ':' {
			return corev1.TaintEffect(text[i+1:]), text[:i]
		}
	}
	return corev1.TaintEffect(text), ""
}
