package genconfig

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Run reads an array of machines as JSON and writes what the command makes of each, in the same order. A machine that Talos
// would reject is an answer, not an error; an error means that the input could not be read.
//
//	""        generates each configuration and validates it
//	generate  generates each configuration
//	validate  validates configurations that the library of another version generated
func Run(command string, in io.Reader, out io.Writer) error {
	cache := bundles{}

	switch command {
	case "":
		return each(in, out, func(machine request) response { return generateAndValidate(machine, cache) })
	case "generate":
		return each(in, out, func(machine request) generated { return generateMasked(machine, cache) })
	case "validate":
		return each(in, out, validate)
	default:
		return fmt.Errorf("genconfig: unknown command %q; use generate or validate", command)
	}
}

func each[Machine, Answer any](in io.Reader, out io.Writer, answer func(Machine) Answer) error {
	input, err := io.ReadAll(in)
	if err != nil {
		return err
	}

	decoder := json.NewDecoder(strings.NewReader(string(input)))
	decoder.DisallowUnknownFields()

	var machines []Machine
	if err := decoder.Decode(&machines); err != nil {
		return fmt.Errorf("genconfig: invalid request on stdin: %w", err)
	}

	answers := make([]Answer, 0, len(machines))
	for _, machine := range machines {
		answers = append(answers, answer(machine))
	}

	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")

	return encoder.Encode(answers)
}
