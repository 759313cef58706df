package controlplane

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	stdx509 "crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/certificate/csr"
	"k8s.io/client-go/util/keyutil"
)

// A worker's (simulated) kubelet obtains its certificate like a real one: it authenticates with the bootstrap token of
// the machine configuration, and kube-controller-manager approves and signs its request.

const (
	kubeletCertificateFile = "kubelet-client.pem"
	bootstrapGroup         = "system:bootstrappers:nodes"
	simulatedKubelet       = "lab:simulated-kubelet"
)

// keepBootstrapToken creates the bootstrap token and its permissions, like Talos' bootstrap manifests, retrying on errors.
func (r *Runner) keepBootstrapToken(ctx context.Context) {
	for {
		err := r.createBootstrapToken(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

func (r *Runner) createBootstrapToken(ctx context.Context) error {
	client, err := r.adminClient()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, binding := range []struct{ name, role, group string }{
		{"system-bootstrap-node-bootstrapper", "system:node-bootstrapper", bootstrapGroup},
		{"system-bootstrap-approve-node-client-csr", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", bootstrapGroup},
		{"system-bootstrap-node-renewal", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "system:nodes"},
		{simulatedKubelet, simulatedKubelet, "system:nodes"},
	} {
		_, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: binding.name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: binding.role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "Group", Name: binding.group}},
		}, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	// KWOK lists all nodes before it starts, even if it manages one only; a kubelet must not.
	_, err = client.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: simulatedKubelet},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"nodes"}, Verbs: []string{"get", "list", "watch"}}},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	token := r.currentConfig().Cluster().Token()
	_, err = client.CoreV1().Secrets("kube-system").Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-" + token.ID()},
		Type:       corev1.SecretTypeBootstrapToken,
		StringData: map[string]string{
			"token-id":                       token.ID(),
			"token-secret":                   token.Secret(),
			"usage-bootstrap-authentication": "true",
			"auth-extra-groups":              bootstrapGroup,
		},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// workerClient authenticates as the node with the stored certificate or a new one.
func (r *Runner) workerClient(ctx context.Context, cfg config.Provider, server string) (*rest.Config, error) {
	var authorities []byte
	if ca := cfg.Cluster().IssuingCA(); ca != nil {
		authorities = ca.Crt
	}
	for _, accepted := range cfg.Cluster().AcceptedCAs() {
		authorities = slices.Concat(authorities, []byte("\n"), accepted.Crt)
	}
	anonymous := rest.Config{
		Host: server, TLSClientConfig: rest.TLSClientConfig{CAData: authorities, ServerName: kubePrismServerName}, Timeout: 10 * time.Second,
	}
	user := "system:node:" + r.hostname(cfg)
	content, err := os.ReadFile(r.pki.path(kubeletCertificateFile))
	if err != nil || !usable(content, user, authorities) {
		if content, err = r.requestKubeletCertificate(ctx, cfg, anonymous, user); err != nil {
			return nil, err
		}
	}
	anonymous.CertData, anonymous.KeyData = content, content
	return &anonymous, nil
}

// usable reports whether a stored certificate is for this node, signed by the cluster's CA and valid for another day.
func usable(content []byte, user string, authorities []byte) bool {
	pair, err := tls.X509KeyPair(content, content)
	if err != nil || pair.Leaf.Subject.CommonName != user {
		return false
	}
	roots := stdx509.NewCertPool()
	roots.AppendCertsFromPEM(authorities)
	_, err = pair.Leaf.Verify(stdx509.VerifyOptions{Roots: roots, KeyUsages: clientUsage, CurrentTime: time.Now().Add(24 * time.Hour)})
	return err == nil
}

func (r *Runner) requestKubeletCertificate(ctx context.Context, cfg config.Provider, bootstrap rest.Config, user string) ([]byte, error) {
	token := cfg.Cluster().Token()
	bootstrap.BearerToken = token.ID() + "." + token.Secret()
	client, err := kubernetes.NewForConfig(&bootstrap)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	request, err := cert.MakeCSR(key, &pkix.Name{CommonName: user, Organization: []string{"system:nodes"}}, nil, nil)
	if err != nil {
		return nil, err
	}
	private, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	usages := []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth}
	name, id, err := csr.RequestCertificateWithContext(ctx, client, request, "", certificatesv1.KubeAPIServerClientKubeletSignerName, nil, usages, key)
	if err != nil {
		return nil, fmt.Errorf("certificate request with the bootstrap token: %w", err)
	}
	signed, err := csr.WaitForCertificate(ctx, client, name, id)
	if err != nil {
		return nil, fmt.Errorf("certificate request %s: %w", name, err)
	}
	r.logger.Printf("simulated kubelet: certificate request %s was signed", name)
	content := slices.Concat(signed, []byte("\n"), private)
	return content, r.pki.write(kubeletCertificateFile, content)
}

// forgetKubeletCertificate makes the next connection request a new certificate.
func (r *Runner) forgetKubeletCertificate() { _ = os.Remove(r.pki.path(kubeletCertificateFile)) }
