package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/pkg/envsubst"
)

// substitute copies text from input to output, replacing variables with Flux's own library in strict mode: an unset
// variable is an error.
func substitute(arguments []string, input io.Reader, output io.Writer) error {
	flags := flag.NewFlagSet("substitute", flag.ContinueOnError)
	file := flags.String("values", "", "JSON file with one object of strings")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *file == "" {
		return errors.New("substitute requires --values with a JSON file")
	}
	content, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	values := map[string]string{}
	if err := json.Unmarshal(content, &values); err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	text, err := io.ReadAll(input)
	if err != nil {
		return err
	}
	substituted, err := envsubst.Eval(string(text), func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(output, substituted)
	return err
}
