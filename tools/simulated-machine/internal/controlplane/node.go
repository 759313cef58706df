package controlplane

import (
	"context"
	"fmt"
	"net"
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

const nodeInterval = 2 * time.Second

// keepNode is the machine's simulated kubelet: it registers the node with the configured labels and taints and updates
// its readiness until ctx is done.
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
		// Errors are retried in two seconds; usually the API server is not up yet.
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
			r.logOnce(fmt.Sprintf("simulated kubelet: %v", err))
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
	rest.Timeout = 10 * time.Second
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
	if changed := withConfiguredMetadata(node, cfg); !equality.Semantic.DeepEqual(changed, node) {
		updated, err := nodes.Update(ctx, changed, metav1.UpdateOptions{})
		switch {
		case err == nil:
			node = updated
		case apierrors.IsForbidden(err):
			// NodeRestriction: a worker must not set arbitrary labels or change its taints. Its kubelet runs nevertheless.
			r.logOnce(fmt.Sprintf("simulated kubelet: configured labels and taints were not applied: %v", err))
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
