package provider

import (
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// bundleOf converts the machineSecrets of the Secrets resource back to the library's bundle.
func bundleOf(value resource.PropertyValue) (*secrets.Bundle, error) {
	if !value.IsObject() {
		return nil, fmt.Errorf("machineSecrets must be an object")
	}

	props := value.ObjectValue()

	var failed error

	decode := func(path string) []byte {
		bytes, err := base64.StdEncoding.DecodeString(stringOf(props, path))
		if err != nil && failed == nil {
			failed = fmt.Errorf("failed to convert machine secrets certs to secrets bundle certs: %s: %w", path, err)
		}

		return bytes
	}

	pair := func(name string) *x509.PEMEncodedCertificateAndKey {
		return &x509.PEMEncodedCertificateAndKey{Crt: decode("certs." + name + ".cert"), Key: decode("certs." + name + ".key")}
	}

	bundle := &secrets.Bundle{
		Clock:      secrets.NewFixedClock(now()),
		Cluster:    &secrets.Cluster{ID: stringOf(props, "cluster.id"), Secret: stringOf(props, "cluster.secret")},
		TrustdInfo: &secrets.TrustdInfo{Token: stringOf(props, "trustdinfo.token")},
		Secrets: &secrets.Secrets{
			BootstrapToken:            stringOf(props, "secrets.bootstrapToken"),
			AESCBCEncryptionSecret:    stringOf(props, "secrets.aescbcEncryptionSecret"),
			SecretboxEncryptionSecret: stringOf(props, "secrets.secretboxEncryptionSecret"),
		},
		Certs: &secrets.Certs{
			Etcd:              pair("etcd"),
			K8s:               pair("k8s"),
			K8sAggregator:     pair("k8sAggregator"),
			K8sServiceAccount: &x509.PEMEncodedKey{Key: decode("certs.k8sServiceaccount.key")},
			OS:                pair("os"),
		},
	}

	return bundle, failed
}
