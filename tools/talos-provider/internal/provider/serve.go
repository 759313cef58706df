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

// engineCheckInterval is how often the provider looks whether its engine still lives. The official plugin looks every
// five minutes; a lab that was killed must not leave processes behind for so long.
const engineCheckInterval = 2 * time.Second

// Serve runs the provider on a free loopback port, prints that port as the engine expects, and returns when ctx ends
// or the engine is gone. Running operations are cut off: a signal is not a reason to wait.
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

// engineLog sends messages to the Pulumi engine's log. Without an engine (tests, started by hand) they are dropped.
type engineLog struct {
	client pulumirpc.EngineClient
}

func dialEngine(address string) (*engineLog, error) {
	if address == "" {
		return &engineLog{}, nil
	}

	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("dialling the engine at %s: %w", address, err)
	}

	return &engineLog{client: pulumirpc.NewEngineClient(conn)}, nil
}

func (l *engineLog) write(ctx context.Context, severity pulumirpc.LogSeverity, urn, message string) {
	if l.client != nil {
		// A lost log line must not fail the operation it tells of.
		_, _ = l.client.Log(ctx, &pulumirpc.LogRequest{Severity: severity, Urn: urn, Message: message})
	}
}
