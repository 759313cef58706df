package provider

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	talosx509 "github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"golang.org/x/mod/semver"

	"k8s-gitops/tools/talos-provider/internal/machineconfig"
)

const secretsID = "machine_secrets"

func secretsKind() *resourceKind {
	return &resourceKind{
		token: "talos:machine/secrets:Secrets",
		// Neither machineSecrets nor clientConfiguration keeps its state in a plan: a new talosVersion makes both, and everything
		// derived from them, unknown in the preview, although the update then leaves them unchanged.
		attributes: map[string]attribute{
			"talosVersion":        {computed: true},
			"machineSecrets":      {computed: true},
			"clientConfiguration": {computed: true},
		},
		secrets: []string{
			"clientConfiguration.clientKey",
			"machineSecrets.certs.etcd.key", "machineSecrets.certs.k8s.key", "machineSecrets.certs.k8sAggregator.key",
			"machineSecrets.certs.k8sServiceaccount.key", "machineSecrets.certs.os.key",
			"machineSecrets.cluster.secret",
			"machineSecrets.secrets.aescbcEncryptionSecret", "machineSecrets.secrets.bootstrapToken",
			"machineSecrets.secrets.secretboxEncryptionSecret",
			"machineSecrets.trustdinfo.token",
		},
		validate:    validateTalosVersion,
		modifyPlan:  planSecrets,
		create:      createSecrets,
		update:      updateSecrets,
		importState: importSecrets,
	}
}

func validateTalosVersion(config resource.PropertyMap) error {
	version := stringOf(config, "talosVersion")
	if version == "" {
		return nil
	}

	return checkTalosVersion(version)
}

func checkTalosVersion(version string) error {
	if _, err := config.ParseContractFromVersion(version); err != nil {
		return fmt.Errorf("Invalid version: %w", err)
	}

	return nil
}

// planSecrets defaults the version, requires replacing all secrets if the version is lowered, and plans a new client
// certificate if the old one is valid for less than a month.
func planSecrets(op *operation) error {
	if op.plan["talosVersion"].IsComputed() && !op.config["talosVersion"].IsComputed() {
		op.plan["talosVersion"] = resource.NewProperty(machineconfig.DefaultTalosVersion())
	}

	before, after := stringOf(op.prior, "talosVersion"), stringOf(op.plan, "talosVersion")
	if before != "" && after != "" && semver.Compare(canonical(after), canonical(before)) < 0 {
		op.replaceKeys = append(op.replaceKeys, "talosVersion")
	}

	due, err := clientCertificateDue(op.prior)
	if err == nil && due {
		op.plan["clientConfiguration"] = unknownMembers("caCertificate", "clientCertificate", "clientKey")
	}

	return err
}

func canonical(version string) string {
	if len(version) > 0 && version[0] == 'v' {
		return version
	}

	return "v" + version
}

func unknownMembers(names ...string) resource.PropertyValue {
	out := resource.PropertyMap{}
	for _, name := range names {
		out[resource.PropertyKey(name)] = unknown()
	}

	return resource.NewProperty(out)
}

func clientCertificateDue(state resource.PropertyMap) (bool, error) {
	if stringOf(state, "clientConfiguration.caCertificate") == "" {
		return false, nil
	}

	certificate, err := parseCertificate(stringOf(state, "clientConfiguration.clientCertificate"))
	if err != nil {
		return false, fmt.Errorf("failed to parse client certificate: %w", err)
	}

	return certificate.NotAfter.Before(now().AddDate(0, 1, 0)), nil
}

// parseCertificate parses a base64-encoded PEM certificate.
func parseCertificate(encoded string) (*x509.Certificate, error) {
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}

	block, _ := pem.Decode(bytes)
	if block == nil {
		return nil, fmt.Errorf("failed to decode PEM block")
	}

	return x509.ParseCertificate(block.Bytes)
}

// now is the clock; tests replace it.
var now = time.Now

func createSecrets(op *operation) (string, resource.PropertyMap, error) {
	version := stringOf(op.plan, "talosVersion")

	contract, err := config.ParseContractFromVersion(version)
	if err != nil {
		return "", nil, fmt.Errorf("failed to validate talos version: %w", err)
	}

	bundle, err := secrets.NewBundle(secrets.NewFixedClock(now()), contract)
	if err != nil {
		return "", nil, fmt.Errorf("failed to generate secrets bundle: %w", err)
	}

	state, err := secretsState(bundle)
	if err != nil {
		return "", nil, err
	}

	state["talosVersion"] = resource.NewProperty(version)

	return secretsID, state, nil
}

// updateSecrets only updates the version. It keeps the secrets, and the client certificate unless it is due for renewal.
func updateSecrets(op *operation) (string, resource.PropertyMap, error) {
	state := copyOf(op.prior)
	state["talosVersion"] = op.plan["talosVersion"]

	due, err := clientCertificateDue(op.prior)
	if err != nil || !due {
		return secretsID, state, err
	}

	bundle, err := bundleOf(at(op.prior, "machineSecrets"))
	if err != nil {
		return "", nil, err
	}

	renewed, err := secretsState(bundle)
	if err != nil {
		return "", nil, err
	}

	state["clientConfiguration"] = renewed["clientConfiguration"]

	return secretsID, state, nil
}

// importSecrets accepts the path of a secrets file as id. It always records version v1.3, whatever created the file.
func importSecrets(path string) (string, resource.PropertyMap, error) {
	bundle, err := secrets.LoadBundle(path)
	if err != nil {
		return "", nil, fmt.Errorf("failed to import state: %w", err)
	}

	bundle.Clock = secrets.NewFixedClock(now())

	state, err := secretsState(bundle)
	if err != nil {
		return "", nil, err
	}

	state["talosVersion"] = resource.NewProperty("v1.3")

	return secretsID, state, nil
}

func secretsState(bundle *secrets.Bundle) (resource.PropertyMap, error) {
	client, err := bundle.GenerateTalosAPIClientCertificateWithTTL(
		role.MakeSet(role.Admin), constants.TalosAPIDefaultCertificateValidityDuration)
	if err != nil {
		return nil, fmt.Errorf("failed to generate the client certificate: %w", err)
	}

	pair := func(p *talosx509.PEMEncodedCertificateAndKey) resource.PropertyValue {
		return object(map[string]string{"cert": encode(p.Crt), "key": encode(p.Key)})
	}

	return resource.PropertyMap{
		"clientConfiguration": object(map[string]string{
			"caCertificate":     encode(bundle.Certs.OS.Crt),
			"clientCertificate": encode(client.Crt),
			"clientKey":         encode(client.Key),
		}),
		"machineSecrets": resource.NewProperty(resource.PropertyMap{
			"certs": resource.NewProperty(resource.PropertyMap{
				"etcd":              pair(bundle.Certs.Etcd),
				"k8s":               pair(bundle.Certs.K8s),
				"k8sAggregator":     pair(bundle.Certs.K8sAggregator),
				"k8sServiceaccount": object(map[string]string{"key": encode(bundle.Certs.K8sServiceAccount.Key)}),
				"os":                pair(bundle.Certs.OS),
			}),
			"cluster": object(map[string]string{"id": bundle.Cluster.ID, "secret": bundle.Cluster.Secret}),
			"secrets": object(map[string]string{
				"aescbcEncryptionSecret":    bundle.Secrets.AESCBCEncryptionSecret,
				"bootstrapToken":            bundle.Secrets.BootstrapToken,
				"secretboxEncryptionSecret": bundle.Secrets.SecretboxEncryptionSecret,
			}),
			"trustdinfo": object(map[string]string{"token": bundle.TrustdInfo.Token}),
		}),
	}, nil
}
