package genconfig

import (
	"context"
	"errors"

	"github.com/hashicorp/go-multierror"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
)

// configuration is a complete machine configuration to validate.
type configuration struct {
	Name          string `json:"name"`
	Configuration string `json:"configuration"`
}

// response is the outcome for one machine. It contains no secrets: documents lists kinds only.
type response struct {
	Name      string   `json:"name,omitempty"`
	Valid     bool     `json:"valid"`
	Errors    []string `json:"errors"`
	Warnings  []string `json:"warnings"`
	Documents []string `json:"documents"`
}

func validate(machine configuration) response {
	result := response{Name: machine.Name, Errors: []string{}, Warnings: []string{}, Documents: []string{}}

	// Loading it from text, as a machine does, rejects documents and keys that this Talos version does not support.
	loaded, err := configloader.NewFromBytes([]byte(machine.Configuration))
	if err != nil {
		result.Errors = lines(err)

		return result
	}

	for _, document := range loaded.Documents() {
		result.Documents = append(result.Documents, document.Kind())
	}

	warnings, err := loaded.Validate(metal{}, validation.WithLocal())
	// Of the checks on the machine, all but those that need its disks.
	moreWarnings, moreErr := loaded.RuntimeValidate(context.Background(), nil, installed{})

	result.Warnings = append(append(result.Warnings, warnings...), moreWarnings...)
	result.Errors = append(append(result.Errors, lines(err)...), lines(moreErr)...)
	result.Valid = len(result.Errors) == 0

	return result
}

func generateAndValidate(req request, cache bundles) response {
	text, err := generate(req, cache)
	if err != nil {
		return response{Name: req.Name, Errors: lines(err), Warnings: []string{}, Documents: []string{}}
	}

	return validate(configuration{Name: req.Name, Configuration: text})
}

// lines returns one line per error for joined errors.
func lines(err error) []string {
	if err == nil {
		return []string{}
	}

	out := []string{}

	var (
		several *multierror.Error
		joined  interface{ Unwrap() []error }
	)

	switch {
	case errors.As(err, &several):
		for _, err := range several.Errors {
			out = append(out, err.Error())
		}
	case errors.As(err, &joined):
		for _, err := range joined.Unwrap() {
			out = append(out, err.Error())
		}
	default:
		out = append(out, err.Error())
	}

	return out
}

// metal is the mode of a machine that is not installed yet: it requires an install section.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

// installed is the mode of a machine that is installed.
type installed struct{ metal }

func (installed) RequiresInstall() bool { return false }
