package provider

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// engineCheckInterval is how often the provider checks whether its engine is alive. The official plugin checks every five
// minutes; a killed lab must not leave processes behind for that long.
const engineCheckInterval = 2 * time.Second

// Serve runs the provider on a free loopback port, prints the port as the engine expects, and returns when ctx is done or
// the engine is gone. It interrupts running operations.
func Serve(ctx context.Context, engine string, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	server, err := New(engine)
	if err != nil {
		return err
	}

	grpcServer := make(chan *grpc.Server, 1)

	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(srv, server)
			grpcServer <- srv

			return nil
		},
	})
	if err != nil {
		return err
	}

	if engine != "" {
		if err := rpcutil.Healthcheck(ctx, engine, engineCheckInterval, cancel); err != nil {
			return fmt.Errorf("watching the engine at %s: %w", engine, err)
		}
	}

	fmt.Fprintf(out, "%d\n", handle.Port)
	<-ctx.Done()
	(<-grpcServer).Stop()

	return nil
}

// engineLog writes to the Pulumi engine's log. Without an engine (in tests, or if started manually) messages are dropped.
type engineLog struct {
	client pulumirpc.EngineClient
}

func dialEngine(address string) (*engineLog, error) {
	if address == "" {
		return &engineLog{}, nil
	}

	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("dialing the engine at %s: %w", address, err)
	}

	return &engineLog{client: pulumirpc.NewEngineClient(conn)}, nil
}

func (l *engineLog) write(ctx context.Context, severity pulumirpc.LogSeverity, urn, message string) {
	if l.client != nil {
		// A lost log message must not fail the operation.
		_, _ = l.client.Log(ctx, &pulumirpc.LogRequest{Severity: severity, Urn: urn, Message: message})
	}
}
