package controlplane

import (
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (r *Runner) fillStatus(node *corev1.Node, wanted Wanted, problem string) {
	cfg := wanted.Config
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("16"),
		corev1.ResourceMemory:           resource.MustParse("64Gi"),
		corev1.ResourcePods:             resource.MustParse("110"),
		corev1.ResourceEphemeralStorage: resource.MustParse("400Gi"),
	}
	node.Status.Capacity = capacity
	node.Status.Allocatable = capacity
	node.Status.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: r.settings.Address},
		{Type: corev1.NodeHostName, Address: r.hostname(cfg)},
	}
	info := &node.Status.NodeInfo
	info.KubeletVersion = kubeletVersion(cfg)
	info.OSImage = "Talos (" + wanted.Talos + ", simulated)"
	info.OperatingSystem, info.Architecture = "linux", "amd64"
	info.KernelVersion, info.ContainerRuntimeVersion = "simulated", "simulated://"

	condition := corev1.NodeCondition{
		Type: corev1.NodeReady, Status: corev1.ConditionFalse, Reason: "KubeletNotReady", Message: problem,
	}
	ready := problem == ""
	if ready {
		condition.Status, condition.Reason = corev1.ConditionTrue, "KubeletReady"
		condition.Message = "kubelet is posting ready status (simulated)"
	}
	setCondition(node, condition)
	for _, kind := range []corev1.NodeConditionType{
		corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure,
	} {
		setCondition(node, corev1.NodeCondition{
			Type: kind, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientResources", Message: "simulated",
		})
	}
	// As a kubelet, post the status at least every five minutes; the lease says that the machine lives.
	for i := range node.Status.Conditions {
		if time.Since(node.Status.Conditions[i].LastHeartbeatTime.Time) > time.Minute {
			node.Status.Conditions[i].LastHeartbeatTime = metav1.Now()
		}
	}
}

func setCondition(node *corev1.Node, wanted corev1.NodeCondition) {
	now := metav1.Now()
	for i, current := range node.Status.Conditions {
		if current.Type != wanted.Type {
			continue
		}
		wanted.LastHeartbeatTime, wanted.LastTransitionTime = current.LastHeartbeatTime, current.LastTransitionTime
		if current.Status != wanted.Status {
			wanted.LastHeartbeatTime, wanted.LastTransitionTime = now, now
		}
		node.Status.Conditions[i] = wanted
		return
	}
	wanted.LastHeartbeatTime, wanted.LastTransitionTime = now, now
	node.Status.Conditions = append(node.Status.Conditions, wanted)
}

// kubeletVersion returns the tag of the configured kubelet image.
func kubeletVersion(cfg config.Provider) string { return imageTag(cfg.Machine().Kubelet().Image()) }
