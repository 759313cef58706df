package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"

	"k8s-gitops/tools/talos-provider/internal/machineconfig"
)

// machineConfiguration generates a machine's configuration. It checks the endpoint and that patches parse; whether the
// resulting configuration is valid is only checked by the machine.
func machineConfiguration(c *call) (resource.PropertyMap, error) {
	if err := machineconfig.CheckEndpoint(stringOf(c.args, "clusterEndpoint")); err != nil {
		return nil, fmt.Errorf("cluster_endpoint is invalid: %w", err)
	}

	if version := stringOf(c.args, "talosVersion"); version != "" {
		if err := checkTalosVersion(version); err != nil {
			return nil, err
		}
	}

	patches, known := stringsOf(c.args, "configPatches")
	if !known {
		return nil, fmt.Errorf("config_patches are invalid: a patch is not known yet")
	}

	if _, err := configpatcher.LoadPatches(patches); err != nil {
		return nil, fmt.Errorf("config_patches are invalid: %w", err)
	}

	bundle, err := bundleOf(at(c.args, "machineSecrets"))
	if err != nil {
		return nil, err
	}

	result := copyOf(c.args)
	if stringOf(result, "talosVersion") == "" {
		result["talosVersion"] = resource.NewProperty(machineconfig.DefaultTalosVersion())
	}

	if stringOf(result, "kubernetesVersion") == "" {
		result["kubernetesVersion"] = resource.NewProperty(machineconfig.DefaultKubernetesVersion())
	}

	configuration, err := machineconfig.Generate(machineconfig.Input{
		ClusterName:       stringOf(result, "clusterName"),
		ClusterEndpoint:   stringOf(result, "clusterEndpoint"),
		MachineType:       stringOf(result, "machineType"),
		TalosVersion:      stringOf(result, "talosVersion"),
		KubernetesVersion: stringOf(result, "kubernetesVersion"),
		Patches:           patches,
		Secrets:           bundle,
		Docs:              boolOf(result, "docs"),
		Examples:          boolOf(result, "examples"),
	})
	if err != nil {
		return nil, fmt.Errorf("failed to generate machine configuration: %w", err)
	}

	result["machineConfiguration"] = resource.NewProperty(configuration)

	return withID(result, stringOf(result, "clusterName")), nil
}

// clientConfiguration generates a talosconfig.
func clientConfiguration(c *call) (resource.PropertyMap, error) {
	name := stringOf(c.args, "clusterName")

	config, err := talosConfig(name, at(c.args, "clientConfiguration").ObjectValue())
	if err != nil {
		return nil, err
	}

	if endpoints, _ := stringsOf(c.args, "endpoints"); len(endpoints) > 0 {
		config.Contexts[name].Endpoints = endpoints
	}

	if nodes, _ := stringsOf(c.args, "nodes"); len(nodes) > 0 {
		config.Contexts[name].Nodes = nodes
	}

	bytes, err := config.Bytes()
	if err != nil {
		return nil, fmt.Errorf("failed to generate talos config: %w", err)
	}

	result := copyOf(c.args)
	result["talosConfig"] = resource.NewProperty(string(bytes))

	return withID(result, name), nil
}
