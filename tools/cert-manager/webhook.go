package main

import (
	"os"

	"github.com/cert-manager/cert-manager/internal/webhook"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"
)

// webhookCommand serves the admission webhook with upstream's flags.
func webhookCommand(log logr.Logger) *cobra.Command {
	configuration, err := options.NewWebhookConfiguration()
	if err != nil {
		panic(err) // invalid defaults in cert-manager
	}
	command := &cobra.Command{
		Use: "webhook",
		RunE: func(command *cobra.Command, _ []string) error {
			server, err := webhook.NewCertManagerWebhookServer(log, *configuration)
			if err != nil {
				return err
			}
			// It listens on every interface, and nothing in the lab asks it.
			server.HealthzAddr = nil
			return server.Run(command.Context())
		},
	}
	options.AddConfigFlags(command.Flags(), configuration)
	configuration.KubeConfig = os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
	return command
}
