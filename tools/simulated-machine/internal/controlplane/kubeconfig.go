package controlplane

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfig issues a client certificate and embeds it in a kubeconfig; server is an https URL.
func kubeconfig(cfg config.Provider, server string, id identity) ([]byte, error) {
	ca := cfg.Cluster().IssuingCA()
	id.usages = clientUsage
	client, err := issue(ca, id)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig of %s: %w", id.commonName, err)
	}
	cluster := cfg.Cluster().Name()
	user := id.commonName + "@" + cluster
	return clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{
			cluster: {Server: server, CertificateAuthorityData: ca.Crt},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{
			user: {ClientCertificateData: client.Crt, ClientKeyData: client.Key},
		},
		Contexts: map[string]*clientcmdapi.Context{
			user: {Cluster: cluster, AuthInfo: user, Namespace: "default"},
		},
		CurrentContext: user,
	})
}

// kubeconfigOf writes the connection of a client as a kubeconfig.
func kubeconfigOf(rest *rest.Config) ([]byte, error) {
	const name = "node"
	return clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{
			name: {Server: rest.Host, CertificateAuthorityData: rest.CAData, TLSServerName: rest.ServerName},
		},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {ClientCertificateData: rest.CertData, ClientKeyData: rest.KeyData}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	})
}

// adminClient is a client with the admin kubeconfig of this machine's own API server.
func (r *Runner) adminClient() (kubernetes.Interface, error) {
	rest, err := clientcmd.BuildConfigFromFlags("", r.adminKubeconfigFile())
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return nil, err
	}
	return client, nil
}

var admin = identity{commonName: "admin", organization: "system:masters"}

// AdminKubeconfig issues a new admin certificate; the server is the cluster's endpoint, as in Talos.
func (r *Runner) AdminKubeconfig(cfg config.Provider) ([]byte, error) {
	if cfg.Cluster().IssuingCA() == nil || len(cfg.Cluster().IssuingCA().Key) == 0 {
		return nil, fmt.Errorf("kubeconfig is only available on control plane nodes")
	}
	return kubeconfig(cfg, cfg.Cluster().Endpoint().String(), admin)
}
