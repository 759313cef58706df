package provider

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// fakeEngine records log messages.
type fakeEngine struct {
	pulumirpc.UnimplementedEngineServer

	mu       sync.Mutex
	messages []string
}

func (e *fakeEngine) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()

	e.messages = append(e.messages, req.GetSeverity().String()+" "+req.GetMessage())

	return &emptypb.Empty{}, nil
}

// TestServe acts as the engine: it starts the provider, reads the port, configures it, leaves an operation in a retry and
// stops.
func TestServe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)

	engine := &fakeEngine{}
	engineServer := grpc.NewServer()
	pulumirpc.RegisterEngineServer(engineServer, engine)

	go engineServer.Serve(listener) //nolint:errcheck // stopped by the test
	defer engineServer.Stop()

	output, stdout := io.Pipe()
	done := make(chan error, 1)

	go func() { done <- Serve(context.Background(), listener.Addr().String(), stdout) }()

	port, err := bufio.NewReader(output).ReadString('\n')
	must(t, err)

	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)

	defer conn.Close() //nolint:errcheck // test

	client := pulumirpc.NewResourceProviderClient(conn)
	for range 2 {
		_, err = client.Configure(context.Background(), &pulumirpc.ConfigureRequest{})
		must(t, err)
	}

	equal(t, "log", strings.Join(engine.messages, "; "),
		"INFO talos: stand-in for the Talos provider 0.8.1 (simulated provider of the lab)")

	hanging := make(chan error, 1)

	go func() {
		_, err := client.Create(context.Background(), &pulumirpc.CreateRequest{
			Urn: urnOf(bootstrapToken),
			Properties: wire(t, props(map[string]any{
				"node": "127.0.0.1", "endpoint": "127.0.0.1:1",
				"clientConfiguration": map[string]any{"caCertificate": "", "clientCertificate": "", "clientKey": ""},
			})),
		})
		hanging <- err
	}()

	time.Sleep(200 * time.Millisecond)
	engineServer.Stop()

	select {
	case err := <-done:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the provider outlived its engine")
	}

	if err := <-hanging; err == nil {
		t.Error("the hanging operation succeeded")
	}
}
