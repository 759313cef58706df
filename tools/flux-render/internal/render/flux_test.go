package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/protocol"
)

func TestMain(m *testing.M) {
	build.GoOffline()
	os.Exit(m.Run())
}

const kustomizationHead = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"

func TestFollowsNestedKustomizations(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps"),
		"apps/inner.yaml":        flux("inner", "./inner"),
		"inner/map.yaml":         configMap("deep", "key: value"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	var order []string
	for _, kustomization := range cluster.Kustomizations {
		order = append(order, kustomization.ID)
	}
	want := []string{"flux-system/flux-system", "flux-system/apps", "flux-system/inner"}
	if !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	equal(t, "file", objectNamed(t, cluster, "ConfigMap", "deep").File, "inner/map.yaml")
	inner := kustomizationNamed(t, cluster, "flux-system/inner")
	equal(t, "parent", inner.Parent, "flux-system/apps")
	equal(t, "file", inner.File, "apps/inner.yaml")
	equal(t, "entry's file", cluster.Kustomizations[0].File, "clusters/one")
}

func TestHonorsTheFieldsTheControllerSupports(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps",
			"targetNamespace: target", "namePrefix: pre-", "nameSuffix: -post",
			"commonMetadata: {labels: {team: blue}, annotations: {note: hello}}",
			"images: [{name: nginx, newName: registry/nginx, newTag: '2'}]",
			"components: [../components/extra, ../components/missing]", "ignoreMissingComponents: true",
			"patches:\n  - target: {kind: Deployment}\n    patch: |\n      - op: add\n        path: /spec/replicas\n        value: 3"),
		"apps/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\n" +
			"spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'nginx:1'}]}}}\n",
		"components/extra/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [map.yaml]\n",
		"components/extra/map.yaml":           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n",
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	deployment := objectNamed(t, cluster, "Deployment", "pre-app-post").Object
	metadata := deployment["metadata"].(map[string]any)
	equal(t, "namespace", metadata["namespace"], any("target"))
	equal(t, "label", metadata["labels"].(map[string]any)["team"], any("blue"))
	equal(t, "annotation", metadata["annotations"].(map[string]any)["note"], any("hello"))
	spec := deployment["spec"].(map[string]any)
	equal(t, "replicas", spec["replicas"], any(int64(3)))
	pod := spec["template"].(map[string]any)["spec"].(map[string]any)
	equal(t, "image", pod["containers"].([]any)[0].(map[string]any)["image"], any("registry/nginx:2"))
	equal(t, "component's file", objectNamed(t, cluster, "ConfigMap", "pre-extra-post").File, "components/extra/map.yaml")
}

func TestAttributesGeneratedObjectsToTheirKustomizationFile(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml":  flux("apps", "./apps"),
		"apps/kustomization.yaml": kustomizationHead + "resources: [map.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b], options: {disableNameSuffixHash: true}}]\n",
		"apps/map.yaml":           configMap("written", "a: b"),
	})
	cluster := render(t, root)
	made := objectNamed(t, cluster, "ConfigMap", "made")
	equal(t, "generated", made.Generated, true)
	equal(t, "file", made.File, "apps/kustomization.yaml")
	equal(t, "generated", objectNamed(t, cluster, "ConfigMap", "written").Generated, false)
	metadata := made.Object["metadata"].(map[string]any)
	if _, has := metadata["annotations"]; has {
		t.Errorf("origin annotation was not removed: %v", metadata)
	}
}

func TestPatchesDoNotSeeOriginAnnotations(t *testing.T) {
	patch := "patches:\n  - target: {kind: ConfigMap}\n    patch: |\n      - op: replace\n        path: /metadata/annotations\n        value: {new: note}\n"
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml":  flux("apps", "./apps"),
		"apps/kustomization.yaml": kustomizationHead + "resources: [map.yaml]\n" + patch,
		"apps/map.yaml":           configMap("plain", "a: b"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	found := objectNamed(t, cluster, "ConfigMap", "plain")
	equal(t, "file", found.File, "apps/map.yaml")
	equal(t, "generated", found.Generated, false)
	annotations := found.Object["metadata"].(map[string]any)["annotations"].(map[string]any)
	equal(t, "annotations", len(annotations), 1)
	equal(t, "annotation", annotations["new"], any("note"))
}

func TestKeepsOriginAnnotationsRequestedByFlux(t *testing.T) {
	// Flux requests them if a kustomization file lists no resources.
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml":  flux("apps", "./apps"),
		"apps/kustomization.yaml": kustomizationHead + "configMapGenerator: [{name: made, literals: [a=b], options: {disableNameSuffixHash: true}}]\n",
	})
	metadata := objectNamed(t, render(t, root), "ConfigMap", "made").Object["metadata"].(map[string]any)
	if _, has := metadata["annotations"].(map[string]any)["config.kubernetes.io/origin"]; !has {
		t.Errorf("metadata %v", metadata)
	}
}

func TestSeesTheRepositoryLikeTheSource(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps"),
		"apps/map.yaml":          configMap("seen", "a: b"),
		"apps/ignored.yaml":      configMap("ignored", "a: b"),
		"apps/local.yaml":        configMap("local", "a: b"),
		".sourceignore":          "ignored.yaml\n",
	})
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	write(t, filepath.Dir(outside), "outside.yaml", configMap("outside", "a: b"))
	if err := os.Symlink(outside, filepath.Join(root, "apps", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	cluster := render(t, root, func(request *protocol.Request) { request.Hidden = []string{"apps/local.yaml"} })
	wantIDs(t, cluster)
	equal(t, "objects", len(cluster.Objects), 2)
	files := kustomizationNamed(t, cluster, "flux-system/apps").Files
	if !slices.Equal(files, []string{"apps/map.yaml"}) {
		t.Errorf("files %v", files)
	}
}

func TestDoesNotWriteToTheRepository(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml":  flux("apps", "./apps", "targetNamespace: target"),
		"clusters/one/plain.yaml": flux("plain", "./plain", "patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: flux-system}, data: {x: z}}'}]"),
		"apps/kustomization.yaml": kustomizationHead + "resources: [map.yaml]\n",
		"apps/map.yaml":           configMap("a", "a: b"),
		"plain/map.yaml":          configMap("b", "a: b"),
	})
	before := contents(t, root)
	for _, folder := range []string{"apps", "plain", "clusters/one", "clusters", ""} {
		_ = os.Chmod(filepath.Join(root, folder), 0o555)
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, folder), 0o755) })
	}
	wantIDs(t, render(t, root))
	if after := contents(t, root); after != before {
		t.Errorf("the repository changed to\n%s\nfrom\n%s", after, before)
	}
}

func contents(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.WriteString(path + "\n" + string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestUsesTheDeclaredEntryKustomization(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/sync.yaml": flux("flux-system", "./clusters/one", "postBuild: {substitute: {NAME: real}}"),
		"clusters/one/map.yaml":  configMap("settings", "key: ${NAME}"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	equal(t, "substituted", data(t, cluster, "settings", "key"), any("real"))
	equal(t, "Kustomizations", len(cluster.Kustomizations), 1)
}

func TestRejectsVariablesInAnEntryWithoutSubstitution(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/map.yaml": configMap("settings", "key: ${NAME}", "other: $${NAME}"),
		"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substitute: {NAME: x}}",
			"patches: [{target: {kind: ConfigMap}, patch: '[{\"op\": \"add\", \"path\": \"/data/b\", \"value\": \"${NAME}\"}]'}]"),
		"apps/map.yaml": configMap("app", "a: b"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster, "entry-variable")
	equal(t, "field", cluster.Problems[0].Field, "data.key")
	equal(t, "substituted patch", data(t, cluster, "app", "b"), any("x"))
}

func TestStopsAtRecursiveKustomizations(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/a.yaml": flux("a", "./b"),
		"b/a.yaml":            flux("a", "./b"),
		"clusters/one/g.yaml": flux("grow", "./grow", "postBuild: {substitute: {N: x}}"),
		"grow/g.yaml":         flux("grow${N}", "./grow", "postBuild: {substitute: {N: 'x${N}'}}"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster, "kustomization-twice", "render-failed")
}

func TestFollowsOnlyKustomizationsOfItsOwnSource(t *testing.T) {
	external := "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: other, namespace: flux-system}\nspec: {url: https://example.com/other.git}\n"
	foreign := strings.ReplaceAll(flux("foreign", "./config"), "name: flux-system\n  path", "name: other\n  path")
	unknown := strings.ReplaceAll(flux("bootstrapped", "./apps"), "name: flux-system\n  path", "name: made-elsewhere\n  path")
	remote := flux("remote", "./nowhere", "kubeConfig: {secretRef: {name: there}}")
	root := repository(t, map[string]string{
		"clusters/one/all.yaml":         foreign + unknown + remote,
		"clusters/one/sources.yaml":     flux("sources", "./sources"),
		"sources/other.yaml":            external, // found after the Kustomization that uses it
		"apps/map.yaml":                 configMap("app", "a: b"),
		"clusters/one/suspended.yaml":   flux("asleep", "./asleep", "suspend: true"),
		"asleep/map.yaml":               configMap("asleep", "a: b"),
		"clusters/one/artifact.yaml":    "---\napiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: gen, namespace: flux-system}\nspec:\n  sources: [{alias: repo, kind: GitRepository, name: flux-system}]\n  artifacts: [{name: infra, copy: [{from: '@repo/infra/base/**', to: '@artifact/base/'}, {from: '@repo/infra/prod/**', to: '@artifact/prod/'}]}]\n",
		"clusters/one/by-artifact.yaml": strings.ReplaceAll(flux("by-artifact", "./prod"), "kind: GitRepository\n    name: flux-system", "kind: ExternalArtifact\n    name: infra"),
		"infra/base/map.yaml":           configMap("base", "a: b"),
		"infra/prod/map.yaml":           configMap("from-artifact", "a: b"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	equal(t, "foreign", kustomizationNamed(t, cluster, "flux-system/foreign").Skipped, "external")
	equal(t, "remote cluster", kustomizationNamed(t, cluster, "flux-system/remote").Skipped, "external")
	equal(t, "bootstrapped", kustomizationNamed(t, cluster, "flux-system/bootstrapped").Skipped, "")
	equal(t, "suspended", kustomizationNamed(t, cluster, "flux-system/asleep").Skipped, "suspended")
	objectNamed(t, cluster, "ConfigMap", "asleep")
	objectNamed(t, cluster, "ConfigMap", "from-artifact")
	ours := render(t, root, func(request *protocol.Request) { request.URLs = []string{"git@example.com:other.git"} })
	wantIDs(t, ours, "path-missing")
}
