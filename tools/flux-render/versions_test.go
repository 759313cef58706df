package main

import (
	"os"
	"regexp"
	"testing"
)

// Everything that affects rendering has to have the version that the controller in the lab is built with.
func TestUsesTheModuleVersionsOfTheController(t *testing.T) {
	ours, theirs := versions(t, "go.mod"), versions(t, "../modules/kustomize-controller/go.mod")
	for _, module := range []string{
		"github.com/fluxcd/pkg/kustomize", "github.com/fluxcd/pkg/envsubst", "github.com/fluxcd/pkg/sourceignore",
		"github.com/go-git/go-git/v5", "sigs.k8s.io/kustomize/api", "sigs.k8s.io/kustomize/kyaml", "sigs.k8s.io/yaml",
		"go.yaml.in/yaml/v2", "go.yaml.in/yaml/v3", "gopkg.in/evanphx/json-patch.v4",
		"k8s.io/api", "k8s.io/apimachinery", "k8s.io/apiextensions-apiserver", "k8s.io/client-go",
	} {
		if ours[module] == "" || ours[module] != theirs[module] {
			t.Errorf("%s is %q here and %q in the controller", module, ours[module], theirs[module])
		}
	}
}

var requirement = regexp.MustCompile(`(?m)^\s+([\w./-]+) (v\S+)|^replace ([\w./-]+) => \S+ (v\S+)`)

func versions(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, match := range requirement.FindAllStringSubmatch(string(content), -1) {
		if match[1] != "" && found[match[1]] == "" {
			found[match[1]] = match[2]
		}
		if match[3] != "" {
			found[match[3]] = match[4]
		}
	}
	return found
}
