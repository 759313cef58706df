package render

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// cached renders with a cache and returns the number of entries written or rewritten.
func cached(t *testing.T, root, folder string, change ...func(*protocol.Request)) (protocol.Cluster, int) {
	t.Helper()
	before := entries(t, folder)
	cluster := render(t, root, append(change, func(request *protocol.Request) { request.Cache = folder })...)
	written := 0
	for name, info := range entries(t, folder) {
		if old, ok := before[name]; !ok || !os.SameFile(old, info) {
			written++
		}
	}
	return cluster, written
}

func entries(t *testing.T, folder string) map[string]os.FileInfo {
	t.Helper()
	found := map[string]os.FileInfo{}
	_ = filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			found[path] = info
		}
		return nil
	})
	return found
}

func TestCachesUntilAnInputChanges(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml":       flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}", "components: [../components/extra]", "ignoreMissingComponents: true"),
		"clusters/one/settings.yaml":   configMap("settings", "NAME: value"),
		"clusters/one/other.yaml":      flux("other", "./other"),
		"apps/deep/map.yaml":           configMap("app", "key: ${NAME}", "number: '5'"),
		"other/kustomization.yaml":     kustomizationHead + "resources: [map.yaml]\npatches: [{path: patch.yaml}]\n",
		"other/map.yaml":               configMap("other", "key: value"),
		"other/patch.yaml":             configMap("other", "key: patched"),
		"unrelated/kustomization.yaml": "",
	})
	folder := t.TempDir()
	first, written := cached(t, root, folder)
	equal(t, "entries of the first run", written, 3)
	wantIDs(t, first)
	steps := []struct {
		name    string
		change  func()
		written int
	}{
		{"nothing", func() {}, 0},
		{"an unused file", func() { write(t, root, "unrelated/more.yaml", "a: b") }, 0},
		{"a manifest", func() { write(t, root, "apps/deep/map.yaml", configMap("app", "key: new-${NAME}")) }, 1},
		{"a patch", func() { write(t, root, "other/patch.yaml", configMap("other", "key: again")) }, 1},
		{"a new file", func() { write(t, root, "apps/deep/more.yaml", configMap("more", "key: value")) }, 1},
		{"a new kustomization file", func() { write(t, root, "apps/kustomization.yaml", kustomizationHead+"resources: [deep/map.yaml]\n") }, 1},
		{"a second kustomization file", func() { write(t, root, "other/kustomization.yml", kustomizationHead) }, 1},
		{"the second kustomization file removed", func() { _ = os.Remove(filepath.Join(root, "other/kustomization.yml")) }, 1},
		{"a new component", func() {
			write(t, root, "components/extra/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
		}, 1},
		{"new ignore rules", func() { write(t, root, "other/.sourceignore", "patch.yaml\n") }, 1},
		{"ignore rules removed", func() { _ = os.Remove(filepath.Join(root, "other/.sourceignore")) }, 1},
		// The entry changes, and so do the substituted objects.
		{"a setting", func() { write(t, root, "clusters/one/settings.yaml", configMap("settings", "NAME: other")) }, 2},
	}
	for _, step := range steps {
		step.change()
		cluster, written := cached(t, root, folder)
		equal(t, step.name, written, step.written)
		same(t, step.name, cluster, render(t, root))
	}
	lenient, _ := cached(t, root, folder, lenientMode)
	same(t, "lenient", lenient, render(t, root, lenientMode))
}

func same(t *testing.T, name string, got, want protocol.Cluster) {
	t.Helper()
	left, _ := json.Marshal(got)
	right, _ := json.Marshal(want)
	if string(left) != string(right) {
		t.Errorf("%s: with the cache\n%s\nwithout the cache\n%s", name, left, right)
	}
}

func TestIgnoresDamagedCacheEntries(t *testing.T) {
	root := repository(t, map[string]string{"clusters/one/map.yaml": configMap("app", "key: value")})
	folder := t.TempDir()
	cached(t, root, folder)
	for name := range entries(t, folder) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		damaged := strings.Replace(string(content), `"value"`, `"wrong"`, 1)
		if err := os.WriteFile(name, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cluster, written := cached(t, root, folder)
	equal(t, "value", data(t, cluster, "app", "key"), any("value"))
	equal(t, "written", written, 1)
}

func TestDoesNotCacheSecretValues(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: Secret, name: secret}]}"),
		"apps/map.yaml":          configMap("app", "key: ${NAME}"),
	})
	folder := t.TempDir()
	cluster, written := cached(t, root, folder, func(request *protocol.Request) {
		request.Clusters[0].Settings = []protocol.Settings{{Kind: "Secret", Namespace: "flux-system", Name: "secret",
			Data: map[string]string{"NAME": "do-not-write-this"}}}
	})
	wantIDs(t, cluster)
	equal(t, "written", written, 1) // only the entry point
	for name := range entries(t, folder) {
		content, _ := os.ReadFile(name)
		if strings.Contains(string(content), "do-not-write-this") {
			t.Errorf("%s contains a secret value", name)
		}
	}
}

func TestConcurrentRunsShareACache(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps") + flux("more", "./more"),
		"apps/map.yaml":          configMap("app", "key: value"),
		"more/map.yaml":          configMap("more", "key: value"),
	})
	folder, want := t.TempDir(), render(t, root)
	var all sync.WaitGroup
	clusters := make([]protocol.Cluster, 8)
	for index := range clusters {
		all.Go(func() {
			clusters[index] = render(t, root, func(request *protocol.Request) { request.Cache = folder })
		})
	}
	all.Wait()
	for _, cluster := range clusters {
		same(t, "concurrent", cluster, want)
	}
}
