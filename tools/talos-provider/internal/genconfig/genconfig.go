// Package genconfig answers whether a machine's patches give a configuration that Talos accepts.
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

// request is one machine. Several may be given as an array.
type request struct {
	Name              string   `json:"name"`
	ClusterName       string   `json:"clusterName"`
	ClusterEndpoint   string   `json:"clusterEndpoint"`
	MachineType       string   `json:"machineType"`
	TalosVersion      string   `json:"talosVersion"`
	KubernetesVersion string   `json:"kubernetesVersion"`
	Patches           []string `json:"patches"`
}

// answer says what the Talos library makes of a machine. It holds no secret: documents lists kinds only.
type answer struct {
	Name      string   `json:"name,omitempty"`
	Valid     bool     `json:"valid"`
	Errors    []string `json:"errors"`
	Warnings  []string `json:"warnings"`
	Documents []string `json:"documents"`
}

// Run reads a request or an array of requests as JSON and writes the answer or answers. A machine that Talos would
// refuse is an answer, not an error; an error means that the input could not be read.
func Run(in io.Reader, out io.Writer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}

	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")

	if strings.HasPrefix(strings.TrimSpace(string(input)), "[") {
		var many []request
		if err := strictly(input, &many); err != nil {
			return err
		}

		bundles := bundles{}
		answers := make([]answer, 0, len(many))

		for _, one := range many {
			answers = append(answers, validate(one, bundles))
		}

		return encoder.Encode(answers)
	}

	var one request
	if err := strictly(input, &one); err != nil {
		return err
	}

	return encoder.Encode(validate(one, bundles{}))
}

func strictly(input []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(input)))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("genconfig: the request on stdin is not what is expected: %w", err)
	}

	return nil
}

// bundles are throw-away secrets by contract; making them takes most of the time.
type bundles map[string]*secrets.Bundle

func (b bundles) of(talosVersion string) (*secrets.Bundle, error) {
	contract, err := config.ParseContractFromVersion(talosVersion)
	if err != nil {
		return nil, fmt.Errorf("talosVersion: %w", err)
	}

	if known, ok := b[contract.String()]; ok {
		return known, nil
	}

	made, err := secrets.NewBundle(secrets.NewFixedClock(time.Now()), contract)
	b[contract.String()] = made

	return made, err
}

func validate(req request, known bundles) answer {
	result := answer{Name: req.Name, Errors: []string{}, Warnings: []string{}, Documents: []string{}}

	configuration, err := generate(req, known)
	if err != nil {
		result.Errors = lines(err)

		return result
	}

	// Loaded again from its text, as a machine does: this refuses documents and keys that this Talos does not know.
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

func generate(req request, known bundles) (string, error) {
	if err := machineconfig.CheckEndpoint(req.ClusterEndpoint); err != nil {
		return "", fmt.Errorf("clusterEndpoint: %w", err)
	}

	bundle, err := known.of(req.TalosVersion)
	if err != nil {
		return "", err
	}

	return machineconfig.Generate(machineconfig.Input{
		ClusterName: req.ClusterName, ClusterEndpoint: req.ClusterEndpoint, MachineType: req.MachineType,
		TalosVersion: req.TalosVersion, KubernetesVersion: req.KubernetesVersion, Patches: req.Patches, Secrets: bundle,
	})
}

// lines gives each of several joined errors a line of its own.
func lines(err error) []string {
	if err == nil {
		return []string{}
	}

	var several *multierror.Error
	if errors.As(err, &several) {
		out := []string{}
		for _, one := range several.Errors {
			out = append(out, one.Error())
		}

		return out
	}

	return []string{err.Error()}
}

// metal is the mode of a machine that is installed from a disk: it needs an install section.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }
