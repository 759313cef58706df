package machined

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	stdx509 "crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/security"
	"github.com/siderolabs/talos/pkg/machinery/config"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const tokenKey = "token"

// trust is a control plane's trustd: it signs the certificates of workers that know the machine token.
type trust struct {
	security.UnimplementedSecurityServiceServer
	boot *boot
}

// trustAddress returns the address of trustd, whose port follows that of the Talos API: 50001 for 50000.
func trustAddress(host, apiListen string) (string, error) {
	_, port, err := net.SplitHostPort(apiListen)
	if err != nil {
		return "", err
	}
	number, err := strconv.Atoi(port)
	return net.JoinHostPort(host, strconv.Itoa(number+1)), err
}

func (b *boot) serveTrust(ctx context.Context) (func(), error) {
	if b.config().Machine().Type() == machinetype.TypeWorker {
		return func() {}, nil
	}
	address, err := trustAddress(b.machine.host, b.machine.Settings.Listen)
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, address)
	if err != nil {
		return nil, err
	}
	dynamic := b.serverTLS()
	dynamic.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		withoutClient := b.tls.Load().Clone()
		withoutClient.ClientAuth = tls.NoClientCert
		return withoutClient, nil
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(dynamic)))
	security.RegisterSecurityServiceServer(server, &trust{boot: b})
	go server.Serve(listener) //nolint:errcheck // stopped by Stop
	return server.Stop, nil
}

// Certificate signs a request. It drops the requested organization, which would be a role.
func (t *trust) Certificate(ctx context.Context, in *security.CertificateRequest) (*security.CertificateResponse, error) {
	settings := t.boot.config().Machine().Security()
	md, _ := metadata.FromIncomingContext(ctx)
	given := md.Get(tokenKey)
	if len(given) != 1 || subtle.ConstantTimeCompare([]byte(given[0]), []byte(settings.Token())) != 1 {
		return nil, status.Error(codes.Unauthenticated, "Unauthorized")
	}
	ca := settings.IssuingCA()
	signed, err := x509.NewCertificateFromCSRBytes(ca.Crt, ca.Key, in.GetCsr(),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}),
		x509.NotAfter(time.Now().Add(certificateLifetime)),
		x509.OverrideSubject(func(subject *pkix.Name) { subject.Organization = nil }),
	)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "failed to sign CSR: %s", err)
	}
	return &security.CertificateResponse{Ca: ca.Crt, Crt: signed.X509CertificatePEM}, nil
}

// requestCertificate asks each peer in turn until one signs. It returns certificate and key in PEM.
func (m *Machine) requestCertificate(ctx context.Context, cfg config.Provider) ([]byte, error) {
	request, identity, err := x509.NewEd25519CSRAndIdentity(m.certificateOptions(cfg)...)
	if err != nil {
		return nil, err
	}
	m.Logger.Printf("simulated worker: waiting for a control plane to sign the certificate of its API")
	var hosts []string
	for _, host := range m.Settings.Peers {
		if host != m.host {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	for {
		for _, host := range hosts {
			if certificate, err := m.sign(ctx, cfg, host, request.X509CertificateRequestPEM); err == nil {
				m.Logger.Printf("simulated worker: certificate signed by %s", host)
				return joinPEM(certificate, identity.Key), nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (m *Machine) sign(ctx context.Context, cfg config.Provider, host string, request []byte) ([]byte, error) {
	address, err := trustAddress(host, m.Settings.Listen)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: acceptedCAs(cfg), ServerName: host,
	})), grpc.WithNoProxy())
	if err != nil {
		return nil, err
	}
	defer connection.Close() //nolint:errcheck // nothing to do about it
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, tokenKey, cfg.Machine().Security().Token())
	response, err := security.NewSecurityServiceClient(connection).Certificate(ctx, &security.CertificateRequest{Csr: request})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return response.GetCrt(), nil
}
