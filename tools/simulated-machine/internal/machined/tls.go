package machined

import (
	"bytes"
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/config"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
)

const certificateLifetime = 365 * 24 * time.Hour

// errNeedsTrust means that this machine has neither a CA key nor a certificate: a control plane must sign one.
var errNeedsTrust = errors.New("no certificate yet")

// serverTLS looks up the certificate and CAs for each connection, so that a new configuration takes effect.
func (b *boot) serverTLS() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{"h2"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return b.tls.Load(), nil },
	}
}

// useMaintenanceTLS uses a self-signed certificate and does not request a client certificate.
func (b *boot) useMaintenanceTLS() error {
	ca, err := x509.NewSelfSignedCertificateAuthority(x509.ECDSA(true), x509.NotAfter(time.Now().Add(certificateLifetime)))
	if err != nil {
		return err
	}
	pair, err := x509.NewKeyPair(ca, b.machine.certificateOptions(nil)...)
	if err != nil {
		return err
	}
	b.tls.Store(&tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{*pair.Certificate},
	})
	return nil
}

// useConfiguredTLS waits, on a worker, until a control plane has signed the machine's certificate. A real worker's API is
// not available before that either.
func (b *boot) useConfiguredTLS(ctx context.Context, cfg config.Provider) error {
	err := b.useConfiguredTLSNow(cfg)
	if !errors.Is(err, errNeedsTrust) {
		return err
	}
	pem, err := b.machine.requestCertificate(ctx, cfg)
	if err != nil {
		return err
	}
	if err := writeFile(b.machine.certificateFile(), pem); err != nil {
		return err
	}
	return b.useConfiguredTLSNow(cfg)
}

// useConfiguredTLSNow uses a certificate issued by the machine's own CA or, on a worker, the stored one.
func (b *boot) useConfiguredTLSNow(cfg config.Provider) error {
	pool := acceptedCAs(cfg)
	certificate, err := b.machine.issueCertificate(cfg)
	if errors.Is(err, errNeedsTrust) {
		certificate, err = b.machine.storedCertificate(cfg, pool)
	}
	if err != nil {
		return err
	}
	b.tls.Store(&tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	})
	return nil
}

func (m *Machine) issueCertificate(cfg config.Provider) (tls.Certificate, error) {
	issuing := cfg.Machine().Security().IssuingCA()
	if cfg.Machine().Type() == machinetype.TypeWorker || issuing == nil || len(issuing.Key) == 0 {
		return tls.Certificate{}, errNeedsTrust
	}
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(issuing)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("machine.ca: %w", err)
	}
	pair, err := x509.NewKeyPair(ca, m.certificateOptions(cfg)...)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("machine.ca: %w", err)
	}
	return *pair.Certificate, nil
}

// storedCertificate returns a worker's certificate if it is still valid for the configuration.
func (m *Machine) storedCertificate(cfg config.Provider, pool *stdx509.CertPool) (tls.Certificate, error) {
	content, err := os.ReadFile(m.certificateFile())
	if err != nil {
		return tls.Certificate{}, errNeedsTrust
	}
	pair, err := tls.X509KeyPair(content, content)
	if err != nil {
		return tls.Certificate{}, errNeedsTrust
	}
	addresses, names := m.names(cfg)
	for _, address := range addresses {
		names = append(names, address.String())
	}
	for _, name := range names {
		_, err := pair.Leaf.Verify(stdx509.VerifyOptions{Roots: pool, DNSName: name})
		if err != nil {
			return tls.Certificate{}, errNeedsTrust
		}
	}
	return pair, nil
}

// acceptedCAs returns the machine's CA and the other CAs it accepts.
func acceptedCAs(cfg config.Provider) *stdx509.CertPool {
	pool := stdx509.NewCertPool()
	security := cfg.Machine().Security()
	if issuing := security.IssuingCA(); issuing != nil {
		pool.AppendCertsFromPEM(issuing.Crt)
	}
	for _, accepted := range security.AcceptedCAs() {
		pool.AppendCertsFromPEM(accepted.Crt)
	}
	return pool
}

// names returns the addresses and DNS names of the server certificate.
func (m *Machine) names(cfg config.Provider) ([]net.IP, []string) {
	all := []string{m.Settings.Address, m.host, "127.0.0.1", m.hostname(cfg)}
	if cfg != nil {
		all = append(all, cfg.Machine().Security().CertSANs()...)
	}
	var addresses []net.IP
	var names []string
	for _, name := range all {
		if ip := net.ParseIP(name); ip != nil {
			addresses = append(addresses, ip)
		} else if name != "" {
			names = append(names, name)
		}
	}
	return addresses, names
}

func (m *Machine) certificateOptions(cfg config.Provider) []x509.Option {
	addresses, names := m.names(cfg)
	return []x509.Option{
		x509.CommonName(m.hostname(cfg)), x509.IPAddresses(addresses), x509.DNSNames(names),
		x509.NotAfter(time.Now().Add(certificateLifetime)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}),
	}
}

func joinPEM(parts ...[]byte) []byte { return bytes.Join(parts, []byte("\n")) }
