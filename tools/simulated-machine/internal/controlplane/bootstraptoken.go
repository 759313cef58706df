package controlplane

import (
	"context"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const bootstrapGroup = "system:bootstrappers"

// simulatedKubelet is what a simulated worker may do with the bootstrap token. A real kubelet trades the token for a
// certificate of its own first; the simulated one goes on with the token.
var simulatedKubelet = []rbacv1.PolicyRule{
	{APIGroups: []string{""}, Resources: []string{"nodes", "nodes/status"}, Verbs: []string{"get", "create", "update"}},
	{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}},
}

// admitWorkers puts the configuration's bootstrap token into the cluster, as Talos does, so that workers can register.
// It tries until it succeeds or ctx ends.
func (r *Runner) admitWorkers(ctx context.Context, cfg config.Provider) {
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := r.createBootstrapToken(short, cfg)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(nodeInterval):
		}
	}
}

func (r *Runner) createBootstrapToken(ctx context.Context, cfg config.Provider) error {
	connection, err := clientcmd.BuildConfigFromFlags("", r.adminKubeconfigFile())
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(connection)
	if err != nil {
		return err
	}
	token := cfg.Cluster().Token()
	_, err = client.CoreV1().Secrets("kube-system").Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-" + token.ID()},
		Type:       corev1.SecretTypeBootstrapToken,
		StringData: map[string]string{
			"token-id":                       token.ID(),
			"token-secret":                   token.Secret(),
			"usage-bootstrap-authentication": "true",
			"auth-extra-groups":              bootstrapGroup + ":nodes",
		},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	name := metav1.ObjectMeta{Name: "lab.k8s-gitops:simulated-kubelet"}
	role := &rbacv1.ClusterRole{ObjectMeta: name, Rules: simulatedKubelet}
	if _, err = client.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	_, err = client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: name,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: bootstrapGroup}},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// workerClient authenticates with the bootstrap token of the configuration: a worker has no key of the cluster's.
func workerClient(cfg config.Provider, server string) *rest.Config {
	token := cfg.Cluster().Token()
	var authorities []byte
	if ca := cfg.Cluster().IssuingCA(); ca != nil {
		authorities = ca.Crt
	}
	for _, accepted := range cfg.Cluster().AcceptedCAs() {
		authorities = append(authorities, accepted.Crt...)
	}
	return &rest.Config{
		Host:            server,
		BearerToken:     token.ID() + "." + token.Secret(),
		TLSClientConfig: rest.TLSClientConfig{CAData: authorities},
		Timeout:         10 * time.Second,
	}
}
