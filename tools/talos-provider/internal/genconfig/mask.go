package genconfig

import (
	"fmt"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
)

const masked = "***"

// mask replaces secrets as the library does for people without the right to see them, and in addition the certificates and
// the cluster's id, which are public but new in every run.
func mask(configuration string) (string, error) {
	loaded, err := configloader.NewFromBytes([]byte(configuration))
	if err != nil {
		return "", fmt.Errorf("masking: %w", err)
	}

	redacted := loaded.RedactSecrets(masked)
	documents := redacted.Documents()
	v1alpha1 := redacted.RawV1Alpha1()

	for index, document := range documents {
		if document.Kind() == v1alpha1.Kind() {
			documents[index] = v1alpha1
		}
	}

	authorities := []*x509.PEMEncodedCertificateAndKey{
		v1alpha1.MachineConfig.MachineCA, v1alpha1.ClusterConfig.ClusterCA, v1alpha1.ClusterConfig.ClusterAggregatorCA,
	}
	if etcd := v1alpha1.ClusterConfig.EtcdConfig; etcd != nil {
		authorities = append(authorities, etcd.RootCA)
	}

	for _, authority := range authorities {
		if authority != nil {
			authority.Crt = []byte(masked)
		}
	}

	v1alpha1.ClusterConfig.ClusterID = masked

	result, err := container.New(documents...)
	if err != nil {
		return "", fmt.Errorf("masking: %w", err)
	}

	bytes, err := result.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))

	return string(bytes), err
}
