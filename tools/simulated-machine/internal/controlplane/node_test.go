package controlplane

import (
	"testing"

	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	corev1 "k8s.io/api/core/v1"
)

func TestRemovesMetadataNoLongerConfigured(t *testing.T) {
	configure := testConfig(t)
	with, without := configure(machinetype.TypeWorker), configure(machinetype.TypeWorker)
	with.RawV1Alpha1().MachineConfig.MachineNodeLabels = map[string]string{"rack": "one", "foreign": "mine"}
	with.RawV1Alpha1().MachineConfig.MachineNodeTaints = map[string]string{"gpu": "yes:NoSchedule"}

	node := &corev1.Node{}
	node.Labels = map[string]string{"foreign": "theirs"}
	node.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}

	configured := withConfiguredMetadata(node, with)
	if configured.Labels["rack"] != "one" || configured.Labels["foreign"] != "theirs" || configured.Annotations["talos.dev/owned-labels"] != `["rack"]` {
		t.Error(configured.Labels, configured.Annotations)
	}
	if len(configured.Spec.Taints) != 2 || configured.Spec.Taints[1] != (corev1.Taint{Key: "gpu", Value: "yes", Effect: "NoSchedule"}) {
		t.Error(configured.Spec.Taints)
	}
	again := withConfiguredMetadata(configured, without)
	if len(again.Labels) != 1 || again.Labels["foreign"] != "theirs" || len(again.Annotations) != 0 {
		t.Error(again.Labels, again.Annotations)
	}
	if len(again.Spec.Taints) != 1 || again.Spec.Taints[0].Key != "node.kubernetes.io/not-ready" {
		t.Error(again.Spec.Taints)
	}
}
