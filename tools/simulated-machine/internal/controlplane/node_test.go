package controlplane

import (
	"strings"
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

	schematic := strings.Repeat("a1", 32)
	configured := withConfiguredMetadata(node, Wanted{Config: with, Schematic: schematic})
	if configured.Labels["rack"] != "one" || configured.Labels["foreign"] != "theirs" || configured.Annotations["talos.dev/owned-labels"] != `["rack"]` ||
		configured.Annotations["extensions.talos.dev/schematic"] != schematic || configured.Annotations["talos.dev/owned-annotations"] != `["extensions.talos.dev/schematic"]` {
		t.Error(configured.Labels, configured.Annotations)
	}
	if len(configured.Spec.Taints) != 2 || configured.Spec.Taints[1] != (corev1.Taint{Key: "gpu", Value: "yes", Effect: "NoSchedule"}) {
		t.Error(configured.Spec.Taints)
	}
	again := withConfiguredMetadata(configured, Wanted{Config: without})
	if len(again.Labels) != 1 || again.Labels["foreign"] != "theirs" || len(again.Annotations) != 0 {
		t.Error(again.Labels, again.Annotations)
	}
	if len(again.Spec.Taints) != 1 || again.Spec.Taints[0].Key != "node.kubernetes.io/not-ready" {
		t.Error(again.Spec.Taints)
	}
}

func TestCordonsOnlyWhatTalosCordoned(t *testing.T) {
	node := &corev1.Node{}
	cordoned := withCordon(node, true)
	if !cordoned.Spec.Unschedulable || cordoned.Annotations["talos.dev/cordoned"] != "true" {
		t.Error(cordoned)
	}
	if again := withCordon(cordoned, false); again.Spec.Unschedulable || len(again.Annotations) != 0 {
		t.Error(again)
	}
	node.Spec.Unschedulable = true
	if kept := withCordon(node, true); len(kept.Annotations) != 0 {
		t.Error("took over someone else's cordon")
	}
	if kept := withCordon(node, false); !kept.Spec.Unschedulable {
		t.Error("removed someone else's cordon")
	}
}

func TestImageTag(t *testing.T) {
	for image, want := range map[string]string{
		"registry.k8s.io/kube-apiserver:v1.34.1":            "v1.34.1",
		"127.0.0.1:5000/kube-apiserver:v1.34.4@sha256:0123": "v1.34.4",
		"127.0.0.1:5000/kube-apiserver":                     "",
	} {
		if got := imageTag(image); got != want {
			t.Errorf("%s: %q", image, got)
		}
	}
}
