package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	nodeInterval = 2 * time.Second
	dialTimeout  = 300 * time.Millisecond
)

// kubelet is the state of the machine's simulated kubelet during one boot.
type kubelet struct {
	// stopped is set when a sequence has stopped the pods.
	stopped bool
	// cordoned is what Talos wants its node to be.
	cordoned bool
	// version is the running one; another one in the configuration restarts the kubelet.
	version string
	since   time.Time
	// registered is set once the kubelet has found or created its node: it creates it only when it starts.
	registered bool
	renewed    time.Time
	kwok       *child
	// seen is the node as it was last read or written.
	seen *corev1.Node
}

// notReady says why the node is not ready, in the words of Talos.
func (k *kubelet) notReady(name string) error {
	if k.seen == nil {
		return fmt.Errorf("node %q status is not available yet", name)
	}
	for _, condition := range k.seen.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return fmt.Errorf("node %q is not ready", name)
}

// keepNode is the machine's simulated kubelet: it registers the node with the configured labels and taints, holds its lease,
// runs its pods and updates its readiness until ctx is done.
func (r *Runner) keepNode(ctx context.Context) {
	if r.serveKubePrism(ctx) != nil {
		return
	}
	var client kubernetes.Interface
	var name string
	for pause(ctx, nodeInterval) == nil {
		wanted := r.currentWanted()
		if !r.kubeletRuns(wanted.Config) {
			continue
		}
		if client == nil || name != r.hostname(wanted.Config) {
			client, name = r.apiClient(ctx, wanted.Config), r.hostname(wanted.Config)
		}
		if client == nil {
			continue
		}
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		// Errors are retried in two seconds; usually no API server is up.
		err := r.reconcileNode(short, client, wanted)
		cancel()
		if apierrors.IsUnauthorized(err) {
			r.forgetKubeletCertificate()
			client = nil
		}
	}
}

// kubeletRuns restarts the kubelet if its version changed; it reports false while the kubelet does not run.
func (r *Runner) kubeletRuns(cfg config.Provider) bool {
	r.mutex.Lock()
	k, version := &r.kubelet, kubeletVersion(cfg)
	if k.stopped {
		r.mutex.Unlock()
		return false
	}
	restart := k.version != version
	var pods *child
	if restart {
		pods = k.kwok
		*k = kubelet{version: version, since: time.Now(), cordoned: k.cordoned, seen: k.seen}
	}
	r.mutex.Unlock()
	if pods != nil {
		r.logger.Printf("simulated kubelet: restarting it, for %s", version)
		pods.stop()
	}
	if !r.hasVersion(version) {
		r.logOnce("simulated kubelet: the lab has no kubelet " + version)
		return false
	}
	return true
}

// apiClient connects through KubePrism; nil if that is not possible yet.
func (r *Runner) apiClient(ctx context.Context, cfg config.Provider) kubernetes.Interface {
	if connection := r.dialAPIServer(); connection == nil {
		return nil
	} else if err := connection.Close(); err != nil {
		return nil
	}
	rest, err := r.kubeletClient(ctx, cfg, r.kubePrismURL())
	if err != nil {
		r.logOnce(fmt.Sprintf("simulated kubelet: %v", err))
		return nil
	}
	client, err := kubernetes.NewForConfig(rest)
	if err == nil {
		err = r.runPods(rest, r.hostname(cfg))
	}
	if err != nil {
		r.logOnce(fmt.Sprintf("simulated kubelet: %v", err))
		return nil
	}
	return client
}

// runPods (re)starts KWOK for this machine's node.
func (r *Runner) runPods(rest *rest.Config, node string) error {
	content, err := kubeconfigOf(rest)
	if err != nil {
		return err
	}
	if err := r.pki.write("kwok.kubeconfig", content); err != nil {
		return err
	}
	pods, err := r.kwok(node, r.pki.path("kwok.kubeconfig"))
	if err != nil {
		return err
	}
	r.mutex.Lock()
	old := r.kubelet.kwok
	r.kubelet.kwok = nil
	r.mutex.Unlock()
	if old != nil {
		old.stop()
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.cancel != nil && !r.kubelet.stopped {
		r.kubelet.kwok = pods
		pods.start()
	}
	return nil
}

// kubeletClient issues its own certificate if the machine has the cluster's key, as control planes do; a worker requests
// one with the bootstrap token.
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
	rest.Timeout, rest.ServerName = 10*time.Second, kubePrismServerName
	return rest, nil
}

// logOnce logs recurring messages of the kubelet loop without consecutive duplicates.
func (r *Runner) logOnce(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.lastLogged != text {
		r.lastLogged = text
		r.logger.Print(text)
	}
}

func (r *Runner) reconcileNode(ctx context.Context, client kubernetes.Interface, wanted Wanted) error {
	node, err := r.register(ctx, client, wanted)
	if err != nil {
		return err
	}
	if node, err = r.configureNode(ctx, client, node, wanted); err != nil {
		return err
	}
	if err := r.renewLease(ctx, client, node); err != nil {
		return err
	}
	if err := r.mirrorPods(ctx, client, node); err != nil {
		return err
	}
	problem, err := r.nodeProblem(ctx, client, node.Name)
	if err != nil {
		return err
	}
	status := node.DeepCopy()
	r.fillStatus(status, wanted, problem)
	if !equality.Semantic.DeepEqual(status.Status, node.Status) {
		if node, err = client.CoreV1().Nodes().UpdateStatus(ctx, status, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.kubelet.seen = node
	return nil
}

var errNodeDeleted = errors.New("the node was deleted; a kubelet registers its node only when it starts")

// register returns the machine's node. Like a kubelet, it creates a missing one only once per start.
func (r *Runner) register(ctx context.Context, client kubernetes.Interface, wanted Wanted) (*corev1.Node, error) {
	r.mutex.Lock()
	registered := r.kubelet.registered
	r.mutex.Unlock()
	node, err := client.CoreV1().Nodes().Get(ctx, r.hostname(wanted.Config), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		if registered {
			r.mutex.Lock()
			r.kubelet.seen = nil
			r.mutex.Unlock()
			r.logOnce("simulated kubelet: " + errNodeDeleted.Error())
			return nil, errNodeDeleted
		}
		node, err = client.CoreV1().Nodes().Create(ctx, r.newNode(wanted), metav1.CreateOptions{})
	}
	if err != nil || registered {
		return node, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.kubelet.registered = true
	return node, os.WriteFile(r.registeredFile(), nil, 0o600)
}

// configureNode applies the machine configuration's metadata, and whether Talos has the node cordoned.
func (r *Runner) configureNode(ctx context.Context, client kubernetes.Interface, node *corev1.Node, wanted Wanted) (*corev1.Node, error) {
	r.mutex.Lock()
	cordoned := r.kubelet.cordoned
	r.mutex.Unlock()
	changed := withCordon(withConfiguredMetadata(node, wanted), cordoned)
	if equality.Semantic.DeepEqual(changed, node) {
		return node, nil
	}
	updated, err := client.CoreV1().Nodes().Update(ctx, changed, metav1.UpdateOptions{})
	if apierrors.IsForbidden(err) {
		// NodeRestriction: a worker must not set arbitrary labels or change its taints. Its kubelet runs nevertheless.
		r.logOnce(fmt.Sprintf("simulated kubelet: configured labels and taints were not applied: %v", err))
		return node, nil
	}
	return updated, err
}

// nodeProblem says why the node cannot be ready; empty if it can.
func (r *Runner) nodeProblem(ctx context.Context, client kubernetes.Interface, node string) (string, error) {
	r.mutex.Lock()
	since := r.kubelet.since
	r.mutex.Unlock()
	if time.Since(since) < r.Delays.Kubelet {
		return "container runtime is down (simulated: the kubelet has just started)", nil
	}
	ready, err := r.ciliumReady(ctx, client, node)
	if err != nil || ready {
		return "", err
	}
	return "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady (simulated: no Cilium agent is ready on this node)", nil
}

// ciliumReady reports whether the node's pod network is up, that is, its Cilium agent is ready.
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
