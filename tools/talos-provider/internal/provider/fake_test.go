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

// fakeMachine implements the calls that the provider makes and records them.
type fakeMachine struct {
	machineapi.UnimplementedMachineServiceServer
	storage.UnimplementedStorageServiceServer

	endpoint string

	mu    sync.Mutex
	calls []string
	// connections counts every TCP connection, including those rejected in the TLS handshake.
	connections atomic.Int32
	// errors are returned by method before success; if forever is set, the last one is returned forever.
	errors  map[string][]error
	forever bool
	// lifetime is the validity of certificates in kubeconfigs.
	lifetime time.Duration
	bundle   *secrets.Bundle
	issued   int
	reset    *machineapi.ResetRequest
	mode     machineapi.ApplyConfigurationRequest_Mode
	applied  []*machineapi.ApplyConfigurationRequest
}

// startMachine starts a machine on loopback. In maintenance mode it does not request a client certificate, otherwise it
// requires one issued by the CA.
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
		endpoint: listener.Addr().String(), bundle: bundle, lifetime: 365 * 24 * time.Hour, errors: map[string][]error{},
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	machineapi.RegisterMachineServiceServer(server, m)
	storage.RegisterStorageServiceServer(server, m)

	go server.Serve(counted{listener, &m.connections}) //nolint:errcheck // stopped by the test
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

// record records "method node tls|mtls" and returns the next prepared error.
func (m *fakeMachine) record(ctx context.Context, method string) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	md, _ := metadata.FromIncomingContext(ctx)
	from, _ := peer.FromContext(ctx)

	kind := "tls"
	if info, ok := from.AuthInfo.(credentials.TLSInfo); ok && len(info.State.PeerCertificates) > 0 {
		kind = "mtls"
	}

	m.calls = append(m.calls, fmt.Sprintf("%s %s %s", method, md.Get("node"), kind))

	errors := m.errors[method]
	if len(errors) == 0 {
		return nil
	}

	if !m.forever || len(errors) > 1 {
		m.errors[method] = errors[1:]
	}

	return errors[0]
}

func (m *fakeMachine) recorded() []string {
	m.mu.Lock()
	defer m.mu.Unlock()

	return append([]string{}, m.calls...)
}

func (m *fakeMachine) Disks(ctx context.Context, _ *emptypb.Empty) (*storage.DisksResponse, error) {
	return &storage.DisksResponse{}, m.record(ctx, "Disks")
}

func (m *fakeMachine) ApplyConfiguration(
	ctx context.Context, req *machineapi.ApplyConfigurationRequest,
) (*machineapi.ApplyConfigurationResponse, error) {
	m.applied = append(m.applied, req)

	return &machineapi.ApplyConfigurationResponse{
		Messages: []*machineapi.ApplyConfiguration{{Mode: m.mode}},
	}, m.record(ctx, "ApplyConfiguration")
}

func (m *fakeMachine) Bootstrap(ctx context.Context, _ *machineapi.BootstrapRequest) (*machineapi.BootstrapResponse, error) {
	return &machineapi.BootstrapResponse{}, m.record(ctx, "Bootstrap")
}

func (m *fakeMachine) Reset(ctx context.Context, req *machineapi.ResetRequest) (*machineapi.ResetResponse, error) {
	m.reset = req

	return &machineapi.ResetResponse{Messages: []*machineapi.Reset{{ActorId: "1"}}}, m.record(ctx, "Reset")
}

func (m *fakeMachine) Read(_ *machineapi.ReadRequest, stream machineapi.MachineService_ReadServer) error {
	if err := m.record(stream.Context(), "Read"); err != nil {
		return err
	}

	return stream.Send(&common.Data{Bytes: []byte("boot-1")})
}

// Events announces the stop of all services once a reset was requested.
func (m *fakeMachine) Events(_ *machineapi.EventsRequest, stream machineapi.MachineService_EventsServer) error {
	if err := m.record(stream.Context(), "Events"); err != nil {
		return err
	}

	for !slices.ContainsFunc(m.recorded(), func(call string) bool { return strings.HasPrefix(call, "Reset") }) {
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
	if err := m.record(stream.Context(), "Kubeconfig"); err != nil {
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

	packed.Write(content) //nolint:errcheck // in memory
	packed.Close()        //nolint:errcheck // in memory
	zipped.Close()        //nolint:errcheck // in memory

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
