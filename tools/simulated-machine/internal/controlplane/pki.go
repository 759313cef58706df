package controlplane

import (
	stdx509 "crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/siderolabs/crypto/x509"
)

// identity is the subject of a certificate.
type identity struct {
	commonName   string
	organization string
	ips          []net.IP
	dnsNames     []string
	usages       []stdx509.ExtKeyUsage
}

var (
	serverUsage = []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}
	clientUsage = []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}
	peerUsage   = []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth, stdx509.ExtKeyUsageClientAuth}
)

// issue creates a certificate valid for one year, like Talos, signed by one of the configuration's CAs.
func issue(authority *x509.PEMEncodedCertificateAndKey, id identity) (*x509.PEMEncodedCertificateAndKey, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(authority)
	if err != nil {
		return nil, fmt.Errorf("certificate authority of the machine configuration: %w", err)
	}
	options := []x509.Option{
		x509.CommonName(id.commonName),
		x509.NotBefore(time.Now().Add(-time.Minute)),
		x509.NotAfter(time.Now().Add(365 * 24 * time.Hour)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature | stdx509.KeyUsageKeyEncipherment),
		x509.ExtKeyUsage(id.usages),
	}
	if id.organization != "" {
		options = append(options, x509.Organization(id.organization))
	}
	if len(id.ips) > 0 {
		options = append(options, x509.IPAddresses(id.ips))
	}
	if len(id.dnsNames) > 0 {
		options = append(options, x509.DNSNames(id.dnsNames))
	}
	pair, err := x509.NewKeyPair(ca, options...)
	if err != nil {
		return nil, err
	}
	return x509.NewCertificateAndKeyFromKeyPair(pair), nil
}

// pkiFolder is the folder from which the child processes read keys and certificates.
type pkiFolder string

func (p pkiFolder) path(name string) string { return filepath.Join(string(p), name) }

func (p pkiFolder) write(name string, content []byte) error {
	if err := os.MkdirAll(string(p), 0o700); err != nil {
		return err
	}
	return os.WriteFile(p.path(name), content, 0o600)
}

// pair issues a certificate and writes it to <name>.crt and <name>.key.
func (p pkiFolder) pair(name string, authority *x509.PEMEncodedCertificateAndKey, id identity) error {
	issued, err := issue(authority, id)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := p.write(name+".crt", issued.Crt); err != nil {
		return err
	}
	return p.write(name+".key", issued.Key)
}
