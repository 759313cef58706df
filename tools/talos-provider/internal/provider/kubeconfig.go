package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"gopkg.in/yaml.v3"
)

func kubeconfigKind() *resourceKind {
	return &resourceKind{
		token: "talos:cluster/kubeconfig:Kubeconfig",
		// kubeconfigRaw keeps its state: changing node, endpoint or client configuration does not fetch a new kubeconfig.
		attributes: map[string]attribute{
			"node":                          {required: true},
			"endpoint":                      {computed: true},
			"clientConfiguration":           {required: true},
			"certificateRenewalDuration":    {computed: true, fallback: resource.NewProperty("720h")},
			"kubeconfigRaw":                 {computed: true, keepState: true},
			"kubernetesClientConfiguration": {computed: true, keepState: true},
			"timeouts":                      {},
		},
		secrets:    []string{"clientConfiguration.clientKey", "kubeconfigRaw", "kubernetesClientConfiguration.clientKey"},
		modifyPlan: planKubeconfig,
		create:     createKubeconfig,
		update:     updateKubeconfig,
	}
}

// planKubeconfig plans a new kubeconfig if the certificate in the state expires within the renewal duration. Only planning
// detects this; refresh does not.
func planKubeconfig(op *operation) error {
	if op.config["node"].IsComputed() || op.config["endpoint"].IsComputed() {
		return nil
	}

	if err := planEndpoint(op); err != nil {
		return err
	}

	duration := stringOf(op.config, "certificateRenewalDuration")
	if duration == "" {
		duration = stringOf(op.prior, "certificateRenewalDuration")
	}

	due, err := kubernetesCertificateDue(op.prior, duration)
	if err == nil && due {
		op.plan["kubeconfigRaw"] = unknown()
		op.plan["kubernetesClientConfiguration"] = unknownMembers("host", "caCertificate", "clientCertificate", "clientKey")
	}

	return err
}

func kubernetesCertificateDue(state resource.PropertyMap, duration string) (bool, error) {
	encoded := stringOf(state, "kubernetesClientConfiguration.clientCertificate")
	if encoded == "" {
		return false, nil
	}

	certificate, err := parseCertificate(encoded)
	if err != nil {
		return false, fmt.Errorf("failed to parse kubernetes client certificate: %w", err)
	}

	parsed, err := time.ParseDuration(duration)
	if err != nil {
		return false, fmt.Errorf("failed to parse certificate renewal duration in plan: %w", err)
	}

	return certificate.NotAfter.Before(now().Add(parsed)), nil
}

func createKubeconfig(op *operation) (string, resource.PropertyMap, error) {
	fetched, err := fetchKubeconfig(op.ctx, op.server, op.plan, "create")
	if err != nil {
		return "", nil, err
	}

	state := copyOf(op.plan)
	fetched.store(state)

	return fetched.cluster, state, nil
}

func updateKubeconfig(op *operation) (string, resource.PropertyMap, error) {
	state := copyOf(op.plan)
	id := stringOf(op.prior, "id")

	due, err := kubernetesCertificateDue(op.prior, stringOf(op.plan, "certificateRenewalDuration"))
	if err != nil || !due {
		return id, state, err
	}

	fetched, err := fetchKubeconfig(op.ctx, op.server, op.plan, "update")
	if err != nil {
		return "", nil, err
	}

	fetched.store(state)

	return id, state, nil
}

// kubeconfig is a fetched kubeconfig and the parts that become outputs.
type kubeconfig struct {
	raw, cluster, host, ca, certificate, key string
}

func (k kubeconfig) store(state resource.PropertyMap) {
	state["kubeconfigRaw"] = resource.NewProperty(k.raw)
	state["kubernetesClientConfiguration"] = object(map[string]string{
		"host": k.host, "caCertificate": k.ca, "clientCertificate": k.certificate, "clientKey": k.key,
	})
}

// fetchKubeconfig requests an admin kubeconfig from a control plane; each call issues a new client certificate.
func fetchKubeconfig(ctx context.Context, server *Server, props resource.PropertyMap, timeoutName string) (kubeconfig, error) {
	to, err := targetOf(props)
	if err != nil {
		return kubeconfig{}, err
	}

	timeout, err := timeoutOf(props, timeoutName)
	if err != nil {
		return kubeconfig{}, err
	}

	var raw []byte

	err = retry(ctx, timeout, func() error {
		return server.dial(ctx, to, func(ctx context.Context, c *client.Client) error {
			var err error
			raw, err = c.Kubeconfig(ctx)

			return err
		})
	})
	if err != nil {
		return kubeconfig{}, fmt.Errorf("failed to retrieve kubeconfig: %w", err)
	}

	return parseKubeconfig(raw)
}

func parseKubeconfig(raw []byte) (kubeconfig, error) {
	var file struct {
		CurrentContext string `yaml:"current-context"`
		Contexts       []struct {
			Name    string
			Context struct{ Cluster, User string }
		}
		Clusters []struct {
			Name    string
			Cluster struct {
				Server string
				CA     string `yaml:"certificate-authority-data"`
			}
		}
		Users []struct {
			Name string
			User struct {
				Certificate string `yaml:"client-certificate-data"`
				Key         string `yaml:"client-key-data"`
			}
		}
	}

	if err := yaml.Unmarshal(raw, &file); err != nil {
		return kubeconfig{}, fmt.Errorf("failed to parse kubeconfig: not YAML") // the parser's error could contain secrets
	}

	out := kubeconfig{raw: string(raw)}
	user := ""

	for _, entry := range file.Contexts {
		if entry.Name == file.CurrentContext {
			out.cluster, user = entry.Context.Cluster, entry.Context.User
		}
	}

	for _, entry := range file.Clusters {
		if entry.Name == out.cluster {
			out.host, out.ca = entry.Cluster.Server, entry.Cluster.CA
		}
	}

	for _, entry := range file.Users {
		if entry.Name == user {
			out.certificate, out.key = entry.User.Certificate, entry.User.Key
		}
	}

	if out.cluster == "" || out.host == "" || out.certificate == "" {
		return kubeconfig{}, fmt.Errorf("failed to parse kubeconfig: its current context has no cluster or client certificate")
	}

	return out, nil
}
