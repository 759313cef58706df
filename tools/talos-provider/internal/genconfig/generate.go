// Package genconfig generates machine configurations with throw-away secrets and checks whether Talos accepts them.
package genconfig

import (
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"

	"k8s-gitops/tools/talos-provider/internal/machineconfig"
)

// request describes one machine.
type request struct {
	Name              string   `json:"name"`
	ClusterName       string   `json:"clusterName"`
	ClusterEndpoint   string   `json:"clusterEndpoint"`
	MachineType       string   `json:"machineType"`
	TalosVersion      string   `json:"talosVersion"`
	KubernetesVersion string   `json:"kubernetesVersion"`
	Patches           []string `json:"patches"`
}

// generated is a machine's configuration, or why there is none.
type generated struct {
	Name string `json:"name,omitempty"`
	// Configuration holds secrets, but only throw-away ones.
	Configuration string `json:"configuration"`
	// Masked is the configuration without secrets and without anything else that differs from run to run.
	Masked string   `json:"masked"`
	Errors []string `json:"errors"`
}

// bundles caches throw-away secrets by contract, because generating them takes most of the time.
type bundles map[string]*secrets.Bundle

func (b bundles) of(talosVersion string) (*secrets.Bundle, error) {
	contract, err := config.ParseContractFromVersion(talosVersion)
	if err != nil {
		return nil, fmt.Errorf("talosVersion: %w", err)
	}

	if bundle, ok := b[contract.String()]; ok {
		return bundle, nil
	}

	bundle, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
	b[contract.String()] = bundle

	return bundle, err
}

func generate(req request, cache bundles) (string, error) {
	if err := machineconfig.CheckEndpoint(req.ClusterEndpoint); err != nil {
		return "", fmt.Errorf("clusterEndpoint: %w", err)
	}

	bundle, err := cache.of(req.TalosVersion)
	if err != nil {
		return "", err
	}

	return machineconfig.Generate(machineconfig.Input{
		ClusterName: req.ClusterName, ClusterEndpoint: req.ClusterEndpoint, MachineType: req.MachineType,
		TalosVersion: req.TalosVersion, KubernetesVersion: req.KubernetesVersion, Patches: req.Patches, Secrets: bundle,
	})
}

// generateMasked is generate, and the same configuration for people to read and compare.
func generateMasked(req request, cache bundles) generated {
	result := generated{Name: req.Name, Errors: []string{}}

	configuration, err := generate(req, cache)
	if err == nil {
		result.Configuration = configuration
		result.Masked, err = mask(configuration)
	}

	result.Errors = append(result.Errors, lines(err)...)

	return result
}
