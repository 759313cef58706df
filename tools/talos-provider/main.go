// Command pulumi-resource-talos is the lab's stand-in for the official Pulumi Talos provider 0.8.1.
//
// Started by the Pulumi engine, it serves the provider protocol: `pulumi-resource-talos [flags] <engine address>`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s-gitops/tools/talos-provider/internal/provider"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", provider.Name, err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "--version" {
		fmt.Printf("pulumi-resource-talos %s (%s)\n", provider.Version, provider.Name)

		return nil
	}

	return provider.Serve(ctx, engineAddress(args), os.Stdout)
}

// engineAddress returns the engine's address from the arguments, empty if the provider was started manually. The engine
// may put flags (tracing, verbosity) before it, which are ignored.
func engineAddress(args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") && strings.Contains(arg, ":") {
			return arg
		}
	}

	return ""
}
