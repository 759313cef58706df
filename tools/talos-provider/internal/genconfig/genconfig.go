// Package genconfig checks whether a machine's patches produce a configuration that Talos accepts.
package genconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hashicorp/go-multierror"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"

	"k8s-gitops/tools/talos-provider/internal/machineconfig"
)

// request describes one machine. Several can be passed as an array.
type request struct {
	Name              string   `json:"name"`
	ClusterName       string   `json:"clusterName"`
	ClusterEndpoint   string   `json:"clusterEndpoint"`
	MachineType       string   `json:"machineType"`
	TalosVersion      string   `json:"talosVersion"`
	KubernetesVersion string   `json:"kubernetesVersion"`
	Patches           []string `json:"patches"`
}

// response is the outcome for one machine. It contains no secrets: documents lists kinds only.
type response struct {
	Name      string   `json:"name,omitempty"`
	Valid     bool     `json:"valid"`
	Errors    []string `json:"errors"`
	Warnings  []string `json:"warnings"`
	Documents []string `json:"documents"`
}

// Run reads a request or an array of requests as JSON and writes the response or responses. A machine that Talos would
// reject is a response, not an error; an error means that the input could not be read.
func Run(in io.Reader, out io.Writer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}

	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")

	if strings.HasPrefix(strings.TrimSpace(string(input)), "[") {
		var many []request
		if err := decodeStrictly(input, &many); err != nil {
			return err
		}

		bundles := bundles{}
		responses := make([]response, 0, len(many))

		for _, machine := range many {
			responses = append(responses, validate(machine, bundles))
		}

		return encoder.Encode(responses)
	}

	var machine request
	if err := decodeStrictly(input, &machine); err != nil {
		return err
	}

	return encoder.Encode(validate(machine, bundles{}))
}

func decodeStrictly(input []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(input)))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("genconfig: invalid request on stdin: %w", err)
	}

	return nil
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

func validate(req request, cache bundles) response {
	result := response{Name: req.Name, Errors: []string{}, Warnings: []string{}, Documents: []string{}}

	configuration, err := generate(req, cache)
	if err != nil {
		result.Errors = lines(err)

		return result
	}

	// Reload it from text, as a machine does: this rejects documents and keys that this Talos version does not support.
	loaded, err := configloader.NewFromBytes([]byte(configuration))
	if err != nil {
		result.Errors = lines(err)

		return result
	}

	for _, document := range loaded.Documents() {
		result.Documents = append(result.Documents, document.Kind())
	}

	warnings, err := loaded.Validate(metal{}, validation.WithLocal())
	result.Warnings = append(result.Warnings, warnings...)
	result.Errors = append(result.Errors, lines(err)...)
	result.Valid = err == nil

	return result
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

// lines returns one line per error for joined errors.
func lines(err error) []string {
	if err == nil {
		return []string{}
	}

	var several *multierror.Error
	if errors.As(err, &several) {
		out := []string{}
		for _, err := range several.Errors {
			out = append(out, err.Error())
		}

		return out
	}

	return []string{err.Error()}
}

// metal is the mode of a machine that is installed to disk: it requires an install section.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }
