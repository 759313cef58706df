package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/cache"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
)

// repository writes files, as a map of name to content, to a new folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		write(t, root, name, content)
	}
	return root
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// render renders cluster `one` from folder `clusters/one`, in strict mode unless change says otherwise.
func render(t *testing.T, root string, change ...func(*protocol.Request)) protocol.Cluster {
	t.Helper()
	request := protocol.Request{
		Root: root, Strict: true, Sources: []string{"flux-system"},
		Clusters: []protocol.ClusterRequest{{Name: "one", Entry: "clusters/one"}},
	}
	for _, apply := range change {
		apply(&request)
	}
	opened, err := source.Open(request.Root, request.Hidden)
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := New(opened, cache.Open(request.Cache, "test"), request)
	if err != nil {
		t.Fatal(err)
	}
	return renderer.Clusters(request.Clusters)[0]
}

func lenientMode(request *protocol.Request) { request.Strict = false }

// flux returns a Flux Kustomization with additional lines of spec.
func flux(name, path string, spec ...string) string {
	return `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ` + name + `
  namespace: flux-system
spec:
  interval: 10m
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  path: ` + path + "\n" + indent(strings.Join(spec, "\n"))
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

func configMap(name string, data ...string) string {
	return "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n  namespace: flux-system\ndata:\n" +
		indent(strings.Join(data, "\n"))
}

// objectNamed returns an object by kind and name.
func objectNamed(t *testing.T, cluster protocol.Cluster, kind, name string) protocol.Object {
	t.Helper()
	for _, object := range cluster.Objects {
		metadata, _ := object.Object["metadata"].(map[string]any)
		if object.Object["kind"] == kind && metadata["name"] == name {
			return object
		}
	}
	t.Fatalf("no %s %s among %d objects; problems: %+v", kind, name, len(cluster.Objects), cluster.Problems)
	return protocol.Object{}
}

func data(t *testing.T, cluster protocol.Cluster, name, key string) any {
	t.Helper()
	values, _ := objectNamed(t, cluster, "ConfigMap", name).Object["data"].(map[string]any)
	return values[key]
}

func kustomizationNamed(t *testing.T, cluster protocol.Cluster, id string) protocol.Kustomization {
	t.Helper()
	for _, kustomization := range cluster.Kustomizations {
		if kustomization.ID == id {
			return kustomization
		}
	}
	t.Fatalf("no Kustomization %s", id)
	return protocol.Kustomization{}
}

// ids returns the ids of all problems, sorted.
func ids(cluster protocol.Cluster) []string {
	var all []string
	for _, problem := range cluster.Problems {
		all = append(all, problem.ID)
	}
	slices.Sort(all)
	return all
}

func wantIDs(t *testing.T, cluster protocol.Cluster, want ...string) {
	t.Helper()
	if got := ids(cluster); !slices.Equal(got, want) {
		t.Fatalf("problems %v, want %v: %+v", got, want, cluster.Problems)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
