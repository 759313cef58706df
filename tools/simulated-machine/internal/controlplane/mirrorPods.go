package controlplane

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const mirrorNamespace = "kube-system"

// mirrorPods writes the pods that show a kubelet's static pods to the cluster.
func (r *Runner) mirrorPods(ctx context.Context, client kubernetes.Interface, node *corev1.Node) error {
	r.mutex.Lock()
	var wanted []*corev1.Pod
	for _, pod := range r.staticPods {
		if pod.image != "" {
			wanted = append(wanted, r.mirrorPod(pod, node))
		}
	}
	r.mutex.Unlock()
	for _, pod := range wanted {
		if err := mirror(ctx, client, pod); err != nil {
			return err
		}
	}
	return nil
}

func mirror(ctx context.Context, client kubernetes.Interface, wanted *corev1.Pod) error {
	pods := client.CoreV1().Pods(mirrorNamespace)
	current, err := pods.Get(ctx, wanted.Name, metav1.GetOptions{})
	if err == nil && current.Annotations[corev1.MirrorPodAnnotationKey] != wanted.Annotations[corev1.MirrorPodAnnotationKey] {
		now := int64(0)
		err = pods.Delete(ctx, current.Name, metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &current.UID}})
		if err == nil {
			return mirror(ctx, client, wanted)
		}
	}
	status := wanted.Status
	if apierrors.IsNotFound(err) {
		current, err = pods.Create(ctx, wanted, metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	keepTimes(&status, current.Status)
	if equality.Semantic.DeepEqual(status, current.Status) {
		return nil
	}
	current = current.DeepCopy()
	current.Status = status
	_, err = pods.UpdateStatus(ctx, current, metav1.UpdateOptions{})
	return err
}

// keepTimes takes over what the API server adds, and the times of conditions that did not change.
func keepTimes(status *corev1.PodStatus, current corev1.PodStatus) {
	status.QOSClass = current.QOSClass
	if current.StartTime != nil {
		status.StartTime = current.StartTime
	}
	for i := range status.Conditions {
		for _, before := range current.Conditions {
			if before.Type == status.Conditions[i].Type && before.Status == status.Conditions[i].Status {
				status.Conditions[i].LastTransitionTime = before.LastTransitionTime
			}
		}
	}
}

// manifestHash identifies what a static pod's manifest says. It leaves out where this machine keeps its files, which differs
// between the checkouts that a snapshot of the lab is restored into.
func manifestHash(pod *staticPod, stateDir string) string {
	var arguments []string
	if len(pod.command) > 0 {
		arguments = pod.command[1:]
	}
	manifest := strings.ReplaceAll(fmt.Sprint(pod.image, arguments, pod.configVersion), stateDir, "")
	return fmt.Sprintf("%x", sha256.Sum256([]byte(manifest)))[:32]
}

// mirrorPod builds the pod of a component, with the labels and annotations of Talos.
func (r *Runner) mirrorPod(pod *staticPod, node *corev1.Node) *corev1.Pod {
	hash := manifestHash(pod, r.settings.StateDir)
	controller := true
	annotations := map[string]string{
		constants.AnnotationStaticPodSecretsVersion: "1",
		constants.AnnotationStaticPodConfigVersion:  pod.configVersion,
		corev1.MirrorPodAnnotationKey:               hash,
		"kubernetes.io/config.hash":                 hash,
		"kubernetes.io/config.source":               "http",
	}
	if pod.child == nil && pod.problem == "" {
		annotations["lab.k8s-gitops/simulated"] = "no process: this lab runs the control plane on the first node only; see npm run lab -- up --ha"
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: pod.name + "-" + node.Name, Namespace: mirrorNamespace, Annotations: annotations,
			Labels: map[string]string{
				"tier": "control-plane", "k8s-app": pod.name, "component": pod.name,
				"app.kubernetes.io/name": pod.name, "app.kubernetes.io/version": imageTag(pod.image),
				"app.kubernetes.io/component": "control-plane", "app.kubernetes.io/managed-by": "Talos",
			},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID, Controller: &controller}},
		},
		Spec: corev1.PodSpec{
			NodeName: node.Name, HostNetwork: true, PriorityClassName: "system-cluster-critical",
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}},
			Containers:  []corev1.Container{{Name: pod.name, Image: pod.image, Command: []string{"/usr/local/bin/" + pod.name}}},
		},
		Status: r.mirrorStatus(pod),
	}
}

func (r *Runner) mirrorStatus(pod *staticPod) corev1.PodStatus {
	container := corev1.ContainerStatus{Name: pod.name, Image: pod.image, Ready: pod.ready}
	started := metav1.NewTime(pod.since.Truncate(time.Second))
	phase := corev1.PodRunning
	switch {
	case pod.problem != "":
		phase = corev1.PodPending
		container.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: pod.problem}
	case pod.since.IsZero():
		phase = corev1.PodPending
		container.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	case pod.child != nil && !pod.child.running():
		container.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "see " + pod.child.logFile}
		container.RestartCount = int32(pod.child.exits())
	default:
		running := true
		container.Started = &running
		container.State.Running = &corev1.ContainerStateRunning{StartedAt: started}
		if pod.child != nil {
			container.RestartCount = int32(pod.child.exits())
		}
	}
	ready := corev1.ConditionFalse
	if pod.ready {
		ready = corev1.ConditionTrue
	}
	now := metav1.Now().Rfc3339Copy()
	status := corev1.PodStatus{
		Phase: phase, HostIP: r.settings.Address, HostIPs: []corev1.HostIP{{IP: r.settings.Address}},
		PodIP: r.settings.Address, PodIPs: []corev1.PodIP{{IP: r.settings.Address}}, StartTime: &now,
		ContainerStatuses: []corev1.ContainerStatus{container},
	}
	for _, condition := range []struct {
		kind   corev1.PodConditionType
		status corev1.ConditionStatus
	}{
		{corev1.PodReadyToStartContainers, corev1.ConditionTrue}, {corev1.PodInitialized, corev1.ConditionTrue},
		{corev1.PodReady, ready}, {corev1.ContainersReady, ready}, {corev1.PodScheduled, corev1.ConditionTrue},
	} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: condition.kind, Status: condition.status, LastTransitionTime: now})
	}
	return status
}
