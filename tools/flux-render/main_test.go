package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRespondsAsJSON(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "clusters", "one"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {html: '<a>'}\n"
	if err := os.WriteFile(filepath.Join(root, "clusters", "one", "map.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	request, _ := json.Marshal(map[string]any{"root": root, "cache": "", "schemas": "", "strict": true,
		"sources": []string{"flux-system"}, "clusters": []any{map[string]any{"name": "one", "entry": "clusters/one", "settings": []any{}}}})
	var output bytes.Buffer
	if err := handle(bytes.NewReader(request), &output); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version  string
		Clusters []map[string]json.RawMessage
	}
	if err := json.Unmarshal(output.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"objects": `[{"kustomization":"flux-system/flux-system","object":{"apiVersion":"v1","data":{"html":"<a>"},"kind":"ConfigMap",` +
			`"metadata":{"name":"a"}},"file":"clusters/one/map.yaml","generated":false,"variables":[]}]`,
		"problems": `[]`,
		"coverage": `{"checked":0,"total":1,"kindsWithout":[]}`,
	} {
		if string(got.Clusters[0][field]) != want {
			t.Errorf("%s is %s, want %s", field, got.Clusters[0][field], want)
		}
	}
}

func TestRejectsInvalidRequests(t *testing.T) {
	for request, want := range map[string]string{
		`{`:                           "not a JSON object",
		`{"mode":"dance"}`:            `unknown mode "dance"`,
		`{"root":"/gone-for-ever"}`:   "root",
		`{"root":"/","rooot":"typo"}`: "rooot",
		`{"mode":"check","schemas":"/gone-for-ever","objects":[]}`:            "schemas",
		`{"mode":"schemas","openapi":"/gone-for-ever","out":"/tmp/not-made"}`: "no OpenAPI documents",
	} {
		err := handle(strings.NewReader(request), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", request, err, want)
		}
	}
}

func TestSubstitutesStrictly(t *testing.T) {
	values := filepath.Join(t.TempDir(), "values.json")
	if err := os.WriteFile(values, []byte(`{"NAME":"value"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	arguments := []string{"--values", values}
	if err := substitute(arguments, strings.NewReader("a: ${NAME} $${NAME} ${GONE:-x}\n"), &output); err != nil {
		t.Fatal(err)
	}
	if output.String() != "a: value ${NAME} x\n" {
		t.Errorf("got %q", output.String())
	}
	if err := substitute(arguments, strings.NewReader("${GONE}"), &output); err == nil {
		t.Error("accepted an unset variable")
	}
	if err := substitute(nil, strings.NewReader(""), &output); err == nil {
		t.Error("accepted a missing --values flag")
	}
}
