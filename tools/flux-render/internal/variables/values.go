package variables

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Placeholders for values that are not available in clear text. gitops/placeholders.ts has the same.
const (
	Encrypted = "sops-encrypted"
	External  = "value-of-an-external-secret"
)

// HasPlaceholder reports whether a text contains an unknown value.
func HasPlaceholder(text string) bool {
	return strings.Contains(text, Encrypted) || strings.Contains(text, External)
}

// Settings is the data of a ConfigMap or Secret.
type Settings struct {
	Data map[string]string
	// Incomplete is set if the object may have more keys than Data.
	Incomplete bool
	// Sensitive is set if values are secret and known, so they must not be written anywhere.
	Sensitive bool
}

// Lookup returns the settings that a substituteFrom entry references, nil if they do not exist.
type Lookup func(kind, namespace, name string) *Settings

// Values are the variables of a Flux Kustomization.
type Values struct {
	Set map[string]string
	// Incomplete is set if some source may have more keys than Set: no variable is known to be unset.
	Incomplete bool
	// Sensitive is set if some values are secret.
	Sensitive bool
}

// Reference is an entry of spec.postBuild.substituteFrom.
type Reference struct {
	Kind, Name string
	Optional   bool
}

// References lists a Flux Kustomization's substituteFrom entries.
func References(flux unstructured.Unstructured) []Reference {
	entries, _, _ := unstructured.NestedSlice(flux.Object, "spec", "postBuild", "substituteFrom")
	var references []Reference
	for _, entry := range entries {
		if fields, isMap := entry.(map[string]any); isMap {
			kind, _ := fields["kind"].(string)
			name, _ := fields["name"].(string)
			optional, _ := fields["optional"].(bool)
			references = append(references, Reference{kind, name, optional})
		}
	}
	return references
}

// Gather collects the values of a Flux Kustomization with Flux's own precedence. References that lookup does not find
// are left out.
func Gather(flux unstructured.Unstructured, lookup Lookup) (Values, error) {
	reader := &settingsReader{lookup: lookup}
	lenient := flux.DeepCopy()
	if entries, found, _ := unstructured.NestedSlice(lenient.Object, "spec", "postBuild", "substituteFrom"); found {
		for _, entry := range entries {
			if fields, isMap := entry.(map[string]any); isMap {
				fields["optional"] = true
			}
		}
		_ = unstructured.SetNestedSlice(lenient.Object, entries, "spec", "postBuild", "substituteFrom")
	}
	set, err := kustomize.LoadVariables(context.Background(), reader, *lenient)
	if err != nil {
		return Values{}, err
	}
	inline, _, err := unstructured.NestedStringMap(flux.Object, "spec", "postBuild", "substitute")
	if err != nil {
		return Values{}, errors.New("spec.postBuild.substitute must contain only strings; quote numbers and booleans")
	}
	for name, value := range inline {
		set[name] = strings.ReplaceAll(value, "\n", "")
	}
	err = dropInvalidNames(set)
	return Values{Set: set, Incomplete: reader.incomplete, Sensitive: reader.sensitive}, err
}

var variableName = regexp.MustCompile("^[_[:alpha:]][_[:alpha:][:digit:]]*$")

// dropInvalidNames removes invalid variable names and returns the error that Flux would report for every object.
func dropInvalidNames(set map[string]string) error {
	var invalid []string
	for name := range set {
		if !variableName.MatchString(name) {
			invalid = append(invalid, name)
			delete(set, name) // reported once here rather than once per object
		}
	}
	if len(invalid) == 0 {
		return nil
	}
	sort.Strings(invalid)
	return fmt.Errorf("settings have keys that are not valid variable names, so Flux rejects all of them: %s",
		strings.Join(invalid, ", "))
}

// settingsReader implements as much of a Kubernetes client as Flux's library uses.
type settingsReader struct {
	client.Client
	lookup                Lookup
	incomplete, sensitive bool
}

func (r *settingsReader) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch object := into.(type) {
	case *corev1.ConfigMap:
		if settings := r.find("ConfigMap", key); settings != nil {
			object.Data = settings.Data
			return nil
		}
	case *corev1.Secret:
		if settings := r.find("Secret", key); settings != nil {
			object.Data = map[string][]byte{}
			for name, value := range settings.Data {
				object.Data[name] = []byte(value)
			}
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
}

func (r *settingsReader) find(kind string, key client.ObjectKey) *Settings {
	settings := r.lookup(kind, key.Namespace, key.Name)
	if settings != nil {
		r.incomplete = r.incomplete || settings.Incomplete
		r.sensitive = r.sensitive || settings.Sensitive
	}
	return settings
}
