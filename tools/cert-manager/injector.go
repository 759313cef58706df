package main

import (
	"os"

	"github.com/cert-manager/cert-manager/pkg/api"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	"github.com/spf13/cobra"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// injectorCommand injects the webhook's CA into webhook configurations and CRDs, like cainjector. A single process on the
// host needs no leader election; its flag is accepted and ignored.
func injectorCommand() *cobra.Command {
	var kubeconfig, namespace, ignored string
	command := &cobra.Command{
		Use: "cainjector",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			manager, err := newManager(config)
			if err != nil {
				return err
			}
			all := map[string]bool{
				cainjector.MutatingWebhookConfigurationName:   true,
				cainjector.ValidatingWebhookConfigurationName: true,
				cainjector.APIServiceName:                     true,
				cainjector.CustomResourceDefinitionName:       true,
			}
			options := cainjector.SetupOptions{
				Namespace:                    namespace,
				EnableCertificatesDataSource: true,
				EnabledReconcilersFor:        all,
			}
			if err := cainjector.RegisterAllInjectors(command.Context(), manager, options); err != nil {
				return err
			}
			return manager.Start(command.Context())
		},
	}
	flags := command.Flags()
	flags.StringVar(&kubeconfig, "kubeconfig", os.Getenv(clientcmd.RecommendedConfigPathEnvVar), "path to the kubeconfig")
	flags.StringVar(&namespace, "namespace", "", "watch only this namespace; empty for all")
	flags.StringVar(&ignored, "leader-election-namespace", "", "ignored")
	return command
}

func newManager(config *rest.Config) (ctrl.Manager, error) {
	scheme := api.Scheme
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme,
		corev1.AddToScheme,
		apiextensions.AddToScheme,
		aggregator.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return ctrl.NewManager(config, ctrl.Options{
		Scheme:  scheme,
		Metrics: server.Options{BindAddress: "0"},
		Logger:  klog.Background(),
	})
}
