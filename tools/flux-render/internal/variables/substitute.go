package variables

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/yaml"
)

// Disabling is the label and annotation that disables substitution in an object.
const Disabling = "kustomize.toolkit.fluxcd.io/substitute"

// IsDisabled reports whether substitution is disabled for an object.
func IsDisabled(object *resource.Resource) bool {
	return object.GetLabels()[Disabling] == kustomize.DisabledValue ||
		object.GetAnnotations()[Disabling] == kustomize.DisabledValue
}

// Outcome is the result of substitution in one object.
type Outcome struct {
	Uses []Use
	// Unset variables fail in strict mode; Empty ones become the empty string.
	Unset []string
	Empty []string
	// Changed is set if substitution ran on the object.
	Changed bool
}

// Substitute changes an object in place, using Flux's own function; asJSON is the object. Unset variables stay as
// written, so that all of them are reported together and the rest of the object can still be checked; in lenient mode
// they become empty, as in Flux.
func Substitute(object *resource.Resource, asJSON []byte, values Values, strict bool) (Outcome, error) {
	outcome := Outcome{}
	// Most objects have nothing to substitute, and calling Flux for them would cost more than building them.
	if !bytes.Contains(asJSON, []byte("$")) || IsDisabled(object) {
		return outcome, nil
	}
	text, err := yaml.JSONToYAML(asJSON) // what Flux substitutes in
	if err != nil {
		return outcome, err
	}
	if outcome.Uses, err = Uses(string(text)); err != nil {
		if len(values.Set) == 0 {
			return outcome, nil
		}
		return outcome, errors.New(explain(err))
	}
	// Flux leaves the text alone if there are no values at all.
	if len(values.Set) == 0 && !values.Incomplete {
		return outcome, nil
	}
	set := make(map[string]any, len(values.Set))
	for name, value := range values.Set {
		set[name] = value
	}
	for _, use := range outcome.Uses {
		if _, isSet := values.Set[use.Name]; isSet {
			continue
		}
		switch {
		case values.Incomplete:
			set[use.Name] = External
		case use.Plain && strict:
			outcome.Unset = append(outcome.Unset, use.Name)
			set[use.Name] = "${" + use.Name + "}"
		case !use.HasDefault:
			outcome.Empty = append(outcome.Empty, use.Name)
		}
	}
	if len(set) == 0 {
		return outcome, nil
	}
	flux := unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"postBuild": map[string]any{"substitute": set}},
	}}
	_, err = kustomize.SubstituteVariables(context.Background(), nil, flux, object,
		kustomize.SubstituteWithDryRun(true), kustomize.SubstituteWithStrict(strict))
	if err != nil {
		return outcome, errors.New(explain(err))
	}
	outcome.Changed = true
	return outcome, nil
}

// explain translates an error from Flux's substitution.
func explain(err error) string {
	text := err.Error()
	for _, known := range []struct{ pattern, message string }{
		{"unable to parse variable name", "has a ${…} that does not contain a variable name; write $${…} for a literal one"},
		{"missing closing brace", "has a ${ without a closing }; write $${ for a literal one"},
		{"bad substitution", "has a ${…} that Flux does not understand; write $${…} for a literal one"},
		{"unable to parse substitution within function", "has a ${…} whose default Flux does not understand; write $${…} for a literal one"},
		{"unable to parse default function", "has a ${…} whose default Flux does not understand; write $${…} for a literal one"},
		{"YAMLToJSON", "is not valid YAML after substitution: " + strings.TrimPrefix(text, "envsubst error: YAMLToJSON: ")},
	} {
		if strings.Contains(text, known.pattern) {
			return known.message
		}
	}
	return text
}
