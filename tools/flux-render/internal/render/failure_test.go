package render

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

func TestExplainsBuildFailures(t *testing.T) {
	for name, test := range map[string]struct {
		files    map[string]string
		id, file string
		line     int
		message  string
	}{
		"missing file": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources:\n  - gone.yaml\n"},
			"render-failed", "apps/kustomization.yaml", 4, "apps/gone.yaml"},
		"missing folder": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources:\n  - ../gone\n"},
			"render-failed", "apps/kustomization.yaml", 4, "gone"},
		"missing component": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "components:\n  - ../gone\n"},
			"render-failed", "apps/kustomization.yaml", 4, "gone"},
		"folder without kustomization file": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources:\n  - ../bare\n", "bare/x.txt": ""},
			"render-failed", "apps/kustomization.yaml", 4, "bare"},
		"malformed YAML": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources:\n  - bad.yaml\n", "apps/bad.yaml": "a: [\n"},
			"not-yaml", "apps/bad.yaml", 0, "YAML"},
		"repeated key": {map[string]string{"apps/map.yaml": configMap("app", "a: b", "a: c")},
			"not-yaml", "apps/map.yaml", 0, `ConfigMap app has the key "a" twice`},
		"listed but empty": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [map.yaml, empty.yaml]\n", "apps/map.yaml": configMap("app", "a: b"), "apps/empty.yaml": "---\n"},
			"manifest-empty", "apps/empty.yaml", 1, "no content"},
		"aliases without end": {map[string]string{"apps/map.yaml": aliasBomb("")},
			"render-failed", "apps/map.yaml", 0, "expand to more than 100000 values"},
		"aliases without end in a patch": {map[string]string{"apps/map.yaml": configMap("app", "a: b"),
			"apps/kustomization.yaml": kustomizationHead + "resources: [map.yaml]\npatches:\n  - patch: |\n" + aliasBomb("      ")},
			"render-failed", "apps/kustomization.yaml", 0, "expand to more than 100000 values"},
		"not a manifest": {map[string]string{"apps/bad.yaml": "just: data\n"},
			"not-yaml", "apps/bad.yaml", 0, "manifest"},
		"same object twice": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [a.yaml, b.yaml]\n",
			"apps/a.yaml": configMap("a", "a: b"), "apps/b.yaml": configMap("a", "a: b")},
			"render-failed", "apps/kustomization.yaml", 0, "twice"},
		"patch without target": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [a.yaml]\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: zzz}}'}]\n",
			"apps/a.yaml": configMap("a", "a: b")},
			"render-failed", "apps/kustomization.yaml", 0, "ConfigMap zzz without a namespace"},
		"patch without target in a base": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [../base]\n",
			"base/kustomization.yaml": kustomizationHead + "resources: [a.yaml]\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: zzz}}'}]\n", "base/a.yaml": configMap("a", "a: b")},
			"render-failed", "base/kustomization.yaml", 0, "ConfigMap zzz without a namespace"},
		"same object twice in a base of a base": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [../middle]\n",
			"middle/kustomization.yaml": kustomizationHead + "resources: [../base]\n",
			"base/kustomization.yaml":   kustomizationHead + "resources: [a.yaml, b.yaml]\n", "base/a.yaml": configMap("a", "a: b"), "base/b.yaml": configMap("a", "a: b")},
			"render-failed", "base/kustomization.yaml", 0, "twice"},
		"remote base": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources:\n  - a.yaml\n  - https://github.com/some/where//base?ref=v1\n", "apps/a.yaml": configMap("a", "a: b")},
			"remote-base", "apps/kustomization.yaml", 5, "https://github.com/some/where"},
		"remote file of a generator": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "configMapGenerator:\n  - name: made\n    files:\n      - a.json=https://example.com/a.json\n"},
			"remote-base", "apps/kustomization.yaml", 6, "https://example.com/a.json"},
		"outside the repository": {map[string]string{"apps/kustomization.yaml": kustomizationHead + "resources: [../../outside]\n"},
			"render-failed", "apps/kustomization.yaml", 0, "outside"},
	} {
		t.Run(name, func(t *testing.T) {
			test.files["clusters/one/apps.yaml"] = flux("apps", "./apps")
			cluster := render(t, repository(t, test.files))
			wantIDs(t, cluster, test.id)
			problem := cluster.Problems[0]
			equal(t, "Kustomization", problem.Kustomization, "flux-system/apps")
			equal(t, "file", problem.File, test.file)
			if test.line != 0 {
				equal(t, "line", problem.Line, test.line)
			}
			if !strings.Contains(problem.What, test.message) {
				t.Errorf("message %q, want %q", problem.What, test.message)
			}
			if strings.Contains(problem.What, os.TempDir()) {
				t.Errorf("message contains a local path: %q", problem.What)
			}
		})
	}
}

// aliasBomb is a ConfigMap of a few lines that aliases expand to a hundred million values.
func aliasBomb(indent string) string {
	text := indent + "apiVersion: v1\n" + indent + "kind: ConfigMap\n" + indent + "metadata: {name: app}\n" + indent + "a0: &a0 [x, x]\n"
	for level := range 8 {
		text += fmt.Sprintf("%sa%d: &a%d [%s*a%d]\n", indent, level+1, level+1, strings.Repeat(fmt.Sprintf("*a%d, ", level), 9), level)
	}
	return text
}

func TestAcceptsAFileThatUsesItsAnchorsOften(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/map.yaml": configMap("app", "first: &a text", "many: \"["+strings.Repeat("*a, ", 50)+"]\"", "second: *a"),
	})
	wantIDs(t, render(t, root))
}

func TestReportsAMissingPathOnItsKustomization(t *testing.T) {
	root := repository(t, map[string]string{"clusters/one/apps.yaml": flux("first", "./clusters") + flux("apps", "./gone")})
	cluster := render(t, root)
	var found *protocol.Problem
	for _, problem := range cluster.Problems {
		if problem.ID == "path-missing" {
			found = &problem
		}
	}
	if found == nil || found.Object == nil {
		t.Fatalf("problems %+v", cluster.Problems)
	}
	equal(t, "declared by", cluster.Objects[*found.Object].Object["metadata"].(map[string]any)["name"], any("apps"))
	equal(t, "field", found.Field, "spec.path")
	equal(t, "skipped", kustomizationNamed(t, cluster, "flux-system/apps").Skipped, "failed")
}
