package variables

import (
	"context"
	"errors"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"
)

// SwitchedOff is the label and annotation that keeps an object from being substituted.
const SwitchedOff = "kustomize.toolkit.fluxcd.io/substitute"

// IsSwitchedOff says whether an object asks not to be substituted.
func IsSwitchedOff(object *resource.Resource) bool {
	return object.GetLabels()[SwitchedOff] == kustomize.DisabledValue ||
		object.GetAnnotations()[SwitchedOff] == kustomize.DisabledValue
}

// Outcome is what substitution found in one object.
type Outcome struct {
	Uses []Use
	// Unset fail in strict mode; Empty become nothing.
	Unset []string
	Empty []string
	// Changed says that the object is not what its text was.
	Changed bool
}

// Substitute changes an object in place, with Flux's own function; text is the object as YAML. Variables that are not
// set stay as they are written, so that all of them are found at once and what else there is to say about the object can
// still be said; in lenient mode they become nothing, as in Flux.
func Substitute(object *resource.Resource, text string, values Values, strict bool) (Outcome, error) {
	outcome := Outcome{}
	// Most objects have nothing to substitute, and to ask Flux about them would cost more than to build them.
	if !strings.Contains(text, "$") || IsSwitchedOff(object) {
		return outcome, nil
	}
	var err error
	if outcome.Uses, err = Uses(text); err != nil {
		if len(values.Set) == 0 {
			return outcome, nil
		}
		return outcome, errors.New(inWords(err))
	}
	// Flux leaves the text alone where it has no value at all.
	if len(values.Set) == 0 && !values.Open {
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
		case values.Open:
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
		return outcome, errors.New(inWords(err))
	}
	outcome.Changed = true
	return outcome, nil
}

// inWords says what Flux's error means.
func inWords(err error) string {
	text := err.Error()
	for _, known := range []struct{ sign, words string }{
		{"unable to parse variable name", "has ${…} around something that is no variable's name; write $${…} for a literal one"},
		{"missing closing brace", "has ${ without } after a name; write $${ for a literal one"},
		{"bad substitution", "has a ${…} that Flux does not understand; write $${…} for a literal one"},
		{"unable to parse substitution within function", "has a ${…} whose default Flux does not understand; write $${…} for a literal one"},
		{"unable to parse default function", "has a ${…} whose default Flux does not understand; write $${…} for a literal one"},
		{"YAMLToJSON", "is no YAML any more once its variables are in: " + strings.TrimPrefix(text, "envsubst error: YAMLToJSON: ")},
	} {
		if strings.Contains(text, known.sign) {
			return known.words
		}
	}
	return text
}
