// Command cert-manager runs cert-manager's webhook and cainjector on the host, with the arguments of their Deployments.
// The implementation is cert-manager's; only the process startup is ours. The controller that issues certificates is not
// included, because the lab has no ACME server.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log := klog.Background()
	ctrl.SetLogger(log)
	command := &cobra.Command{Use: "cert-manager", SilenceUsage: true, SilenceErrors: true}
	logFlags := flag.NewFlagSet("log", flag.ContinueOnError)
	klog.InitFlags(logFlags)
	command.PersistentFlags().AddGoFlag(logFlags.Lookup("v"))
	command.AddCommand(webhookCommand(log), injectorCommand())
	if err := command.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cert-manager:", err)
		os.Exit(1)
	}
}
