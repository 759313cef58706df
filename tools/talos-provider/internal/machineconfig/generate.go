// Package machineconfig generates Talos machine configurations like the Talos provider does.
package machineconfig

import (
	"fmt"
	"net/url"
	"strings"

	sideronet "github.com/siderolabs/net"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/bundle"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/gendata"
	"golang.org/x/mod/semver"
)

const (
	// DefaultInstallDisk is the disk a configuration installs to unless a patch changes it.
	DefaultInstallDisk = "/dev/sda"
	// DefaultInstallImage is the image a configuration installs unless a patch changes it. It is the image of provider
	// 0.8.1, which is built with Talos 1.13.0: without a patch it would install another Talos version than requested.
	DefaultInstallImage = "ghcr.io/siderolabs/installer:v1.13.0"
)

// DefaultTalosVersion is the contract used if the program does not set one: that of the library. The official provider's
// library is 1.13, the stand-in's 1.11: a program that relies on either is wrong.
func DefaultTalosVersion() string {
	return semver.MajorMinor(gendata.VersionTag)
}

// DefaultKubernetesVersion is the version used if the program does not set one: that of the library.
func DefaultKubernetesVersion() string {
	return constants.DefaultKubernetesVersion
}

// Input describes the configuration to generate.
type Input struct {
	ClusterName     string
	ClusterEndpoint string
	// MachineType is "controlplane" or "worker".
	MachineType string
	// TalosVersion is the contract, such as "v1.11.2"; KubernetesVersion may have a "v" prefix. Empty means the default.
	TalosVersion      string
	KubernetesVersion string
	// Patches are strategic merge patches (YAML, possibly multi-document) or JSON patches, applied in order.
	Patches        []string
	Secrets        *secrets.Bundle
	Docs, Examples bool
}

// Generate returns the machine configuration as YAML.
func Generate(in Input) (string, error) {
	var machineType machine.Type

	switch in.MachineType {
	case "controlplane":
		machineType = machine.TypeControlPlane
	case "worker":
		machineType = machine.TypeWorker
	default:
		return "", fmt.Errorf(`machine type must be one of: ["controlplane" "worker"], got: %q`, in.MachineType)
	}

	if in.TalosVersion == "" {
		in.TalosVersion = DefaultTalosVersion()
	}

	if in.KubernetesVersion == "" {
		in.KubernetesVersion = DefaultKubernetesVersion()
	}

	contract, err := config.ParseContractFromVersion(in.TalosVersion)
	if err != nil {
		return "", err
	}

	patches, err := configpatcher.LoadPatches(in.Patches)
	if err != nil {
		return "", fmt.Errorf("error parsing config patch: %w", err)
	}

	withPatches := bundle.WithPatchWorker
	if machineType == machine.TypeControlPlane {
		withPatches = bundle.WithPatchControlPlane
	}

	configs, err := bundle.NewBundle(
		bundle.WithVerbose(false),
		withPatches(patches),
		bundle.WithInputOptions(&bundle.InputOptions{
			ClusterName: in.ClusterName,
			Endpoint:    in.ClusterEndpoint,
			KubeVersion: strings.TrimPrefix(in.KubernetesVersion, "v"),
			GenOptions: []generate.Option{
				generate.WithClusterDiscovery(true),
				generate.WithDNSDomain(constants.DefaultDNSDomain),
				generate.WithInstallDisk(DefaultInstallDisk),
				generate.WithInstallImage(DefaultInstallImage),
				generate.WithSecretsBundle(in.Secrets),
				generate.WithVersionContract(contract),
			},
		}),
	)
	if err != nil {
		return "", err
	}

	comments := encoder.CommentsDisabled
	if in.Docs {
		comments |= encoder.CommentsDocs
	}

	if in.Examples {
		comments |= encoder.CommentsExamples
	}

	bytes, err := configs.Serialize(comments, machineType)

	return string(bytes), err
}

// Patch applies patches to a complete configuration.
func Patch(configuration string, patches []string) (string, error) {
	loaded, err := configpatcher.LoadPatches(patches)
	if err != nil {
		return "", fmt.Errorf("Error loading config patches: %w", err)
	}

	patched, err := configpatcher.Apply(configpatcher.WithBytes([]byte(configuration)), loaded)
	if err != nil {
		return "", fmt.Errorf("Error applying config patches: %w", err)
	}

	bytes, err := patched.Bytes()
	if err != nil {
		return "", fmt.Errorf("Error converting config to bytes: %w", err)
	}

	return string(bytes), nil
}

// CheckEndpoint rejects a cluster endpoint that is not an https:// URL.
func CheckEndpoint(endpoint string) error {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return fmt.Errorf("failed to parse the cluster endpoint URL: %w", err)
	}

	if parsed.Scheme != "https" {
		host := strings.TrimPrefix(strings.TrimPrefix(endpoint, parsed.Scheme+":"), "//")
		if parsed.Scheme != "" && parsed.Host == "" {
			host = endpoint // "host:6443" parses as scheme "host"
		}

		if !strings.Contains(host, ":") {
			host += ":6443"
		}

		return fmt.Errorf("the control plane endpoint URL should have scheme https://\ntry: %q", "https://"+host)
	}

	if err := sideronet.ValidateEndpointURI(endpoint); err != nil {
		return fmt.Errorf("error validating the cluster endpoint URL: %w", err)
	}

	return nil
}
