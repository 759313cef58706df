package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const nodeInterval = 2 * time.Second

// keepNode is the machine's simulated kubelet: it registers the node with the labels and taints of the configuration,
// and says whether it is ready, until ctx ends.
func (r *Runner) keepNode(ctx context.Context) {
	var client kubernetes.Interface
	var name string
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(nodeInterval):
		}
		cfg := r.currentConfig()
		if client == nil || name != r.hostname(cfg) {
			client, name = r.apiClient(ctx, cfg), r.hostname(cfg)
		}
		if client == nil {
			continue
		}
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		// What went wrong is tried again in two seconds; most often the API server is not there yet.
		err := r.reconcileNode(short, client, cfg)
		cancel()
		if apierrors.IsUnauthorized(err) {
			r.forgetKubeletCertificate()
			client = nil
		}
	}
}

// apiClient connects to the first API server among the cluster's machines that accepts connections.
func (r *Runner) apiClient(ctx context.Context, cfg config.Provider) kubernetes.Interface {
	_, port, err := net.SplitHostPort(r.settings.APIListen)
	if err != nil {
		return nil
	}
	for _, host := range append([]string{r.loopback}, r.otherPeers()...) {
		address := net.JoinHostPort(host, port)
		connection, err := net.DialTimeout("tcp", address, 300*time.Millisecond)
		if err != nil {
			continue
		}
		_ = connection.Close()
		rest, err := r.kubeletClient(ctx, cfg, "https://"+address)
		if err != nil {
			r.complain(fmt.Sprintf("simulated kubelet: %v", err))
			return nil
		}
		client, err := kubernetes.NewForConfig(rest)
		if err != nil {
			return nil
		}
		return client
	}
	return nil
}

// kubeletClient uses a certificate of its own where the machine holds the cluster's key, as control planes do; a worker
// asks for one by the bootstrap token.
func (r *Runner) kubeletClient(ctx context.Context, cfg config.Provider, server string) (*rest.Config, error) {
	ca := cfg.Cluster().IssuingCA()
	if ca == nil || len(ca.Key) == 0 {
		return r.workerClient(ctx, cfg, server)
	}
	content, err := kubeconfig(cfg, server, identity{commonName: "simulated-kubelet", organization: "system:masters"})
	if err != nil {
		return nil, err
	}
	rest, err := clientcmd.RESTConfigFromKubeConfig(content)
	if err != nil {
		return nil, err
	}
	rest.Timeout = 10 * time.Second
	return rest, nil
}

// complain logs what the kubelet's loop meets again and again, once in a row.
func (r *Runner) complain(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.complaint != text {
		r.complaint = text
		r.logger.Print(text)
	}
}

func (r *Runner) reconcileNode(ctx context.Context, client kubernetes.Interface, cfg config.Provider) error {
	name := r.hostname(cfg)
	nodes := client.CoreV1().Nodes()
	node, err := nodes.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		node, err = nodes.Create(ctx, r.newNode(cfg), metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	if changed := withConfiguredMarks(node, cfg); !equality.Semantic.DeepEqual(changed, node) {
		updated, err := nodes.Update(ctx, changed, metav1.UpdateOptions{})
		switch {
		case err == nil:
			node = updated
		case apierrors.IsForbidden(err):
			// NodeRestriction: a worker may not give itself every label, nor change its taints. Its kubelet runs all the same.
			r.complain(fmt.Sprintf("simulated kubelet: labels and taints of the configuration are not applied: %v", err))
		default:
			return err
		}
	}
	ready, err := r.ciliumReady(ctx, client, name)
	if err != nil {
		return err
	}
	status := node.DeepCopy()
	r.fillStatus(status, cfg, ready)
	if equality.Semantic.DeepEqual(status.Status, node.Status) {
		return nil
	}
	_, err = nodes.UpdateStatus(ctx, status, metav1.UpdateOptions{})
	return err
}

// ciliumReady says whether the node's pod network is there: its Cilium agent runs and is ready.
func (r *Runner) ciliumReady(ctx context.Context, client kubernetes.Interface, node string) (bool, error) {
	pods, err := client.CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{
		LabelSelector: "k8s-app=cilium",
		FieldSelector: "spec.nodeName=" + node,
	})
	if err != nil {
		return false, err
	}
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp != nil {
			continue
		}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return true, nil
			}
		}
	}
	return false, nil
}

const controlPlaneTaint = "node-role.kubernetes.io/control-plane"

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

func (r *Runner) fillStatus(node *corev1.Node, cfg config.Provider, ready bool) {
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
	info.OSImage = "Talos (" + r.settings.TalosVersion + ", simulated)"
	info.OperatingSystem, info.Architecture = "linux", "amd64"
	info.KernelVersion, info.ContainerRuntimeVersion = "simulated", "simulated://"

	condition := corev1.NodeCondition{
		Type:    corev1.NodeReady,
		Status:  corev1.ConditionFalse,
		Reason:  "KubeletNotReady",
		Message: "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady (simulated: no Cilium agent is ready on this node)",
	}
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
	if !ready {
		return
	}
	// A kubelet without leases posts its status every five minutes at least.
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

// kubeletVersion is the tag of the kubelet image in the configuration.
func kubeletVersion(cfg config.Provider) string {
	image := cfg.Machine().Kubelet().Image()
	for i := len(image) - 1; i >= 0 && image[i] != '/'; i-- {
		if image[i] == ':' {
			return image[i+1:]
		}
	}
	return ""
}
