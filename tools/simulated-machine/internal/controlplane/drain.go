package controlplane

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Talos' own drain, with its limits: evictions that a budget refuses are retried for five minutes and then given up.
const (
	drainTimeout  = 5 * time.Minute
	cordonTimeout = time.Minute
	evictionGrace = int64(60)
	evictionRetry = 5 * time.Second
)

// Cordon makes the node unschedulable, with Talos' annotation, and waits until it is. A machine that has never had a node
// does nothing.
func (r *Runner) Cordon(ctx context.Context) error {
	if !exists(r.registeredFile()) {
		return nil
	}
	r.mutex.Lock()
	r.kubelet.cordoned = true
	r.mutex.Unlock()
	ctx, cancel := context.WithTimeout(ctx, cordonTimeout)
	defer cancel()
	for {
		r.mutex.Lock()
		seen := r.kubelet.seen
		r.mutex.Unlock()
		if seen != nil && seen.Spec.Unschedulable {
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// Drain evicts the node's pods that a controller would create again elsewhere, and waits until they are gone.
func (r *Runner) Drain(ctx context.Context) error {
	if !exists(r.registeredFile()) {
		return nil
	}
	cfg := r.currentConfig()
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	rest, err := r.kubeletClient(ctx, cfg, r.kubePrismURL())
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return err
	}
	node := r.hostname(cfg)
	pods, err := client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
	if err != nil {
		return fmt.Errorf("cannot get pods for node %s: %w", node, err)
	}
	var all sync.WaitGroup
	for _, pod := range pods.Items {
		owner := metav1.GetControllerOf(&pod)
		_, static := pod.Annotations[corev1.MirrorPodAnnotationKey]
		if static || owner == nil || owner.Kind == "DaemonSet" {
			continue
		}
		all.Add(1)
		go func() {
			defer all.Done()
			if err := evict(ctx, client, &pod); err != nil {
				r.logger.Printf("simulated drain: WARNING: failed to evict pod: %v", err)
			}
		}()
	}
	all.Wait()
	return nil
}

func evict(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) error {
	pods, grace := client.CoreV1().Pods(pod.Namespace), evictionGrace
	for {
		err := pods.EvictV1(ctx, &policyv1.Eviction{
			ObjectMeta:    metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
			DeleteOptions: &metav1.DeleteOptions{GracePeriodSeconds: &grace},
		})
		switch {
		case apierrors.IsTooManyRequests(err):
			if err := pause(ctx, evictionRetry); err != nil {
				return fmt.Errorf("%s/%s: %w", pod.Namespace, pod.Name, err)
			}
		case apierrors.IsNotFound(err):
			return nil
		case err != nil:
			return fmt.Errorf("failed to evict pod %s/%s: %w", pod.Namespace, pod.Name, err)
		default:
			return awaitDeleted(ctx, client, pod)
		}
	}
}

func awaitDeleted(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		current, err := client.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) || (err == nil && current.UID != pod.UID) {
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return fmt.Errorf("failed waiting on pod %s/%s to be deleted: %w", pod.Namespace, pod.Name, err)
		}
	}
	return fmt.Errorf("failed waiting on pod %s/%s to be deleted: pod is still running on the node", pod.Namespace, pod.Name)
}
