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

// Placeholders stand for values that are not in Git in the clear.
const (
	Encrypted = "sops-encrypted"
	External  = "value-of-an-external-secret"
)

// HasPlaceholder says whether a text holds a value that is not known.
func HasPlaceholder(text string) bool {
	return strings.Contains(text, Encrypted) || strings.Contains(text, External)
}

// Settings is the data of a ConfigMap or Secret.
type Settings struct {
	Data map[string]string
	// Open says that it may hold more keys than Data has.
	Open bool
	// Private says that values are secret and known, so they must not be written anywhere.
	Private bool
}

// Lookup finds what a substituteFrom entry names; nil when it is nowhere.
type Lookup func(kind, namespace, name string) *Settings

// Values are what a Kustomization's text is substituted with.
type Values struct {
	Set map[string]string
	// Open says that some source may hold more than Set has: no variable is known to be unset.
	Open bool
	// Private says that some values are secret.
	Private bool
}

// Reference is an entry of spec.postBuild.substituteFrom.
type Reference struct {
	Kind, Name string
	Optional   bool
}

// References lists what a Flux Kustomization takes variables from.
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

// Gather puts the values of a Flux Kustomization together, by Flux's own precedence. References that lookup does not
// find are left out.
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
		return Values{}, errors.New("spec.postBuild.substitute may hold texts only; put numbers and booleans in quotes")
	}
	for name, value := range inline {
		set[name] = strings.ReplaceAll(value, "\n", "")
	}
	err = refuseWrongNames(set)
	return Values{Set: set, Open: reader.open, Private: reader.private}, err
}

var variableName = regexp.MustCompile("^[_[:alpha:]][_[:alpha:][:digit:]]*$")

// refuseWrongNames says, once, what Flux would say of the first object that it substitutes, and drops them.
func refuseWrongNames(set map[string]string) error {
	var wrong []string
	for name := range set {
		if !variableName.MatchString(name) {
			wrong = append(wrong, name)
			delete(set, name) // said once here, not once an object
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	sort.Strings(wrong)
	return fmt.Errorf("settings have names that no variable can have, and Flux refuses all of them then: %s",
		strings.Join(wrong, ", "))
}

// settingsReader is as much of a Kubernetes client as Flux's library uses.
type settingsReader struct {
	client.Client
	lookup        Lookup
	open, private bool
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
		r.open = r.open || settings.Open
		r.private = r.private || settings.Private
	}
	return settings
}
