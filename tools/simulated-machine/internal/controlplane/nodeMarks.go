package controlplane

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (r *Runner) newNode(cfg config.Provider) *corev1.Node {
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
	// Taints from the start, so that nothing is scheduled before; labels follow, as Talos applies them.
	marked := withConfiguredMarks(node, cfg)
	node.Spec.Taints = marked.Spec.Taints
	if owned, ok := marked.Annotations[constants.AnnotationOwnedTaints]; ok {
		node.Annotations[constants.AnnotationOwnedTaints] = owned
	}
	return node
}

// withConfiguredMarks sets the labels, annotations and taints that Talos sets from the machine configuration. As Talos
// does, it leaves alone what others set, and takes away what it once set and is no longer in the configuration.
func withConfiguredMarks(node *corev1.Node, cfg config.Provider) *corev1.Node {
	marked := node.DeepCopy()
	if marked.Labels == nil {
		marked.Labels = map[string]string{}
	}
	if marked.Annotations == nil {
		marked.Annotations = map[string]string{}
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
	own(marked, constants.AnnotationOwnedLabels, marked.Labels, labels)
	own(marked, constants.AnnotationOwnedAnnotations, marked.Annotations, cfg.Machine().NodeAnnotations())

	// The same for taints, by their keys.
	current := map[string]string{}
	for _, taint := range marked.Spec.Taints {
		current[taint.Key] = joinTaint(taint)
	}
	before := maps.Clone(current)
	own(marked, constants.AnnotationOwnedTaints, current, taints)
	marked.Spec.Taints = slices.DeleteFunc(marked.Spec.Taints, func(taint corev1.Taint) bool {
		return current[taint.Key] != before[taint.Key]
	})
	for _, key := range slices.Sorted(maps.Keys(current)) {
		if current[key] != before[key] {
			effect, value := splitTaint(current[key])
			marked.Spec.Taints = append(marked.Spec.Taints, corev1.Taint{Key: key, Value: value, Effect: effect})
		}
	}
	return marked
}

// own brings current to what is wanted, within the keys that nobody else set, and notes these keys in an annotation.
func own(node *corev1.Node, annotation string, current, wanted map[string]string) {
	var owned []string
	// An annotation that somebody spoilt is as good as none.
	_ = json.Unmarshal([]byte(node.Annotations[annotation]), &owned)
	for key, value := range wanted {
		if _, exists := current[key]; !exists && !slices.Contains(owned, key) {
			owned = append(owned, key)
		}
		if slices.Contains(owned, key) {
			current[key] = value
		}
	}
	owned = slices.DeleteFunc(owned, func(key string) bool {
		_, kept := wanted[key]
		if !kept {
			delete(current, key)
		}
		return !kept
	})
	if len(owned) == 0 {
		delete(node.Annotations, annotation)
		return
	}
	slices.Sort(owned)
	content, _ := json.Marshal(owned) // strings can always be written
	node.Annotations[annotation] = string(content)
}

// joinTaint is what splitTaint reads.
func joinTaint(taint corev1.Taint) string {
	if taint.Value == "" {
		return string(taint.Effect)
	}
	return taint.Value + ":" + string(taint.Effect)
}

// splitTaint reads "value:effect" or "effect", as nodeTaints has it.
func splitTaint(text string) (corev1.TaintEffect, string) {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == ':' {
			return corev1.TaintEffect(text[i+1:]), text[:i]
		}
	}
	return corev1.TaintEffect(text), ""
}
