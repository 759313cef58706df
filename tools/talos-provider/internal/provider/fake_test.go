package provider

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// fakeMachine answers the calls of the provider and notes them.
type fakeMachine struct {
	machineapi.UnimplementedMachineServiceServer
	storage.UnimplementedStorageServiceServer

	endpoint string

	mu    sync.Mutex
	calls []string
	// connections counts every TCP connection, also those refused in the TLS handshake.
	connections atomic.Int32
	// answers are errors to give before success, by method; the last one is given for ever if forever is set.
	answers map[string][]error
	forever bool
	// lifetime of the certificates in kubeconfigs.
	lifetime time.Duration
	bundle   *secrets.Bundle
	issued   int
	reset    *machineapi.ResetRequest
	mode     machineapi.ApplyConfigurationRequest_Mode
	applied  []*machineapi.ApplyConfigurationRequest
}

// startMachine starts a machine on loopback: in maintenance mode it asks for no certificate, else for one by the CA.
func startMachine(t *testing.T, bundle *secrets.Bundle, maintenance bool) *fakeMachine {
	t.Helper()

	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(bundle.Certs.OS)
	must(t, err)

	pair, err := x509.NewKeyPair(ca, x509.IPAddresses([]net.IP{net.IPv4(127, 0, 0, 1)}), x509.NotAfter(time.Now().Add(time.Hour)))
	must(t, err)

	config := &tls.Config{Certificates: []tls.Certificate{*pair.Certificate}}

	if !maintenance {
		config.ClientCAs = stdx509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(bundle.Certs.OS.Crt)
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)

	m := &fakeMachine{
		endpoint: listener.Addr().String(), bundle: bundle, lifetime: 365 * 24 * time.Hour, answers: map[string][]error{},
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	machineapi.RegisterMachineServiceServer(server, m)
	storage.RegisterStorageServiceServer(server, m)

	go server.Serve(counted{listener, &m.connections}) //nolint:errcheck // ends with the test
	t.Cleanup(server.Stop)

	return m
}

// counted counts the connections that a listener accepts.
type counted struct {
	net.Listener
	count *atomic.Int32
}

func (c counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.count.Add(1)
	}

	return conn, err
}

// note records "method node tls|mtls" and gives the next prepared error.
func (m *fakeMachine) note(ctx context.Context, method string) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	md, _ := metadata.FromIncomingContext(ctx)
	from, _ := peer.FromContext(ctx)

	kind := "tls"
	if info, ok := from.AuthInfo.(credentials.TLSInfo); ok && len(info.State.PeerCertificates) > 0 {
		kind = "mtls"
	}

	m.calls = append(m.calls, fmt.Sprintf("%s %s %s", method, md.Get("node"), kind))

	answers := m.answers[method]
	if len(answers) == 0 {
		return nil
	}

	if !m.forever || len(answers) > 1 {
		m.answers[method] = answers[1:]
	}

	return answers[0]
}

func (m *fakeMachine) seen() []string {
	m.mu.Lock()
	defer m.mu.Unlock()

	return append([]string{}, m.calls...)
}

func (m *fakeMachine) Disks(ctx context.Context, _ *emptypb.Empty) (*storage.DisksResponse, error) {
	return &storage.DisksResponse{}, m.note(ctx, "Disks")
}

func (m *fakeMachine) ApplyConfiguration(
	ctx context.Context, req *machineapi.ApplyConfigurationRequest,
) (*machineapi.ApplyConfigurationResponse, error) {
	m.applied = append(m.applied, req)

	return &machineapi.ApplyConfigurationResponse{
		Messages: []*machineapi.ApplyConfiguration{{Mode: m.mode}},
	}, m.note(ctx, "ApplyConfiguration")
}

func (m *fakeMachine) Bootstrap(ctx context.Context, _ *machineapi.BootstrapRequest) (*machineapi.BootstrapResponse, error) {
	return &machineapi.BootstrapResponse{}, m.note(ctx, "Bootstrap")
}

func (m *fakeMachine) Reset(ctx context.Context, req *machineapi.ResetRequest) (*machineapi.ResetResponse, error) {
	m.reset = req

	return &machineapi.ResetResponse{Messages: []*machineapi.Reset{{ActorId: "1"}}}, m.note(ctx, "Reset")
}

func (m *fakeMachine) Read(_ *machineapi.ReadRequest, stream machineapi.MachineService_ReadServer) error {
	if err := m.note(stream.Context(), "Read"); err != nil {
		return err
	}

	return stream.Send(&common.Data{Bytes: []byte("boot-1")})
}

// Events tells of the stop of all services once a reset was asked for.
func (m *fakeMachine) Events(_ *machineapi.EventsRequest, stream machineapi.MachineService_EventsServer) error {
	if err := m.note(stream.Context(), "Events"); err != nil {
		return err
	}

	for !slices.ContainsFunc(m.seen(), func(call string) bool { return strings.HasPrefix(call, "Reset") }) {
		time.Sleep(10 * time.Millisecond)
	}

	payload, err := anypb.New(&machineapi.TaskEvent{Task: "stopAllServices"})
	if err != nil {
		return err
	}

	payload.TypeUrl = "talos/runtime/machine.TaskEvent"

	if err := stream.Send(&machineapi.Event{Data: payload}); err != nil {
		return err
	}

	<-stream.Context().Done()

	return nil
}

func (m *fakeMachine) Kubeconfig(_ *emptypb.Empty, stream machineapi.MachineService_KubeconfigServer) error {
	if err := m.note(stream.Context(), "Kubeconfig"); err != nil {
		return err
	}

	m.issued++

	content := kubeconfigFor(m.bundle, m.lifetime, m.issued)

	var archive bytes.Buffer

	zipped := gzip.NewWriter(&archive)
	packed := tar.NewWriter(zipped)

	header := &tar.Header{Typeflag: tar.TypeReg, Name: "kubeconfig", Size: int64(len(content)), Mode: 0o600}
	if err := packed.WriteHeader(header); err != nil {
		return err
	}

	packed.Write(content) //nolint:errcheck // into memory
	packed.Close()        //nolint:errcheck // into memory
	zipped.Close()        //nolint:errcheck // into memory

	return stream.Send(&common.Data{Bytes: archive.Bytes()})
}

func kubeconfigFor(bundle *secrets.Bundle, lifetime time.Duration, number int) []byte {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(bundle.Certs.K8s)
	if err != nil {
		panic(err)
	}

	pair, err := x509.NewKeyPair(ca, x509.CommonName(fmt.Sprintf("admin-%d", number)), x509.NotAfter(time.Now().Add(lifetime)))
	if err != nil {
		panic(err)
	}

	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: admin@test
contexts: [{name: admin@test, context: {cluster: test, user: admin@test}}]
clusters: [{name: test, cluster: {server: "https://10.0.0.11:6443", certificate-authority-data: %s}}]
users: [{name: admin@test, user: {client-certificate-data: %s, client-key-data: %s}}]
`, encode(bundle.Certs.K8s.Crt), encode(pair.CrtPEM), encode(pair.KeyPEM))
}

func must(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}

// newSecrets creates a Secrets resource and returns its state and bundle.
func newSecrets(t *testing.T, s *Server) (resource.PropertyMap, *secrets.Bundle) {
	t.Helper()

	_, state := create(t, s, "talos:machine/secrets:Secrets", resource.PropertyMap{"talosVersion": resource.NewProperty("v1.11.2")})

	bundle, err := bundleOf(state["machineSecrets"])
	must(t, err)

	return state, bundle
}
