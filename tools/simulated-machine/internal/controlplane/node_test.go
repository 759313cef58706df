package controlplane

import (
	"testing"

	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	corev1 "k8s.io/api/core/v1"
)

func TestMarksLeaveWithTheConfiguration(t *testing.T) {
	configure := testConfig(t)
	with, without := configure(machinetype.TypeWorker), configure(machinetype.TypeWorker)
	with.RawV1Alpha1().MachineConfig.MachineNodeLabels = map[string]string{"rack": "one", "foreign": "mine"}
	with.RawV1Alpha1().MachineConfig.MachineNodeTaints = map[string]string{"gpu": "yes:NoSchedule"}

	node := &corev1.Node{}
	node.Labels = map[string]string{"foreign": "theirs"}
	node.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}

	marked := withConfiguredMarks(node, with)
	if marked.Labels["rack"] != "one" || marked.Labels["foreign"] != "theirs" || marked.Annotations["talos.dev/owned-labels"] != `["rack"]` {
		t.Error(marked.Labels, marked.Annotations)
	}
	if len(marked.Spec.Taints) != 2 || marked.Spec.Taints[1] != (corev1.Taint{Key: "gpu", Value: "yes", Effect: "NoSchedule"}) {
		t.Error(marked.Spec.Taints)
	}
	again := withConfiguredMarks(marked, without)
	if len(again.Labels) != 1 || again.Labels["foreign"] != "theirs" || len(again.Annotations) != 0 {
		t.Error(again.Labels, again.Annotations)
	}
	if len(again.Spec.Taints) != 1 || again.Spec.Taints[0].Key != "node.kubernetes.io/not-ready" {
		t.Error(again.Spec.Taints)
	}
}
