package render

import (
	"testing"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/yaml"
)

// The direct way has to give what Flux sends: the object written as YAML and read again, by the rules of YAML 1.1.
func TestConvertsScalarsAsFluxDoes(t *testing.T) {
	compared := 0
	for _, scalar := range []string{
		"on", "yes", "No", "y", "true", "True", `"on"`, "null", "~", "", "1", "-1", "1.5", "1.0", "1e3", "012", "0o17", "0x1F",
		"1_000", ".5", ".inf", "12:30", "2001-12-14", "1e400", "9223372036854775808", "<<", "=", "!!str 1", "'a'", "[on, 012]",
	} {
		object, err := provider.NewDefaultDepProvider().GetResourceFactory().
			FromBytes([]byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: " + scalar + "\n"))
		if err != nil {
			continue // kustomize refuses it.
		}
		text, err := object.AsYAML()
		if err != nil {
			continue // It cannot be written.
		}
		want, err := yaml.YAMLToJSON(text)
		if err != nil {
			continue // Flux refuses it.
		}
		got, err := toJSON(object)
		compared++
		if err != nil {
			t.Errorf("%s: %v", scalar, err)
		} else if string(got) != string(want) {
			t.Errorf("%s: found %s, expected %s", scalar, got, want)
		}
	}
	if compared < 20 {
		t.Errorf("compared %d scalars, expected at least 20", compared)
	}
}
