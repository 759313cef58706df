package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/source"
)

// controllerBuild does in a copy what kustomize-controller does in the folder where it unpacked a source.
func controllerBuild(t *testing.T, root, folder string, flux unstructured.Unstructured) string {
	t.Helper()
	scratch, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(scratch, "copy"), os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	scratch = filepath.Join(scratch, "copy")
	if _, err := kustomize.NewGenerator(scratch, flux).WriteFile(filepath.Join(scratch, folder)); err != nil {
		t.Fatal(err)
	}
	objects, err := kustomize.SecureBuild(scratch, filepath.Join(scratch, folder), false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := objects.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func ourBuild(t *testing.T, root, folder string, flux unstructured.Unstructured) string {
	t.Helper()
	repository, err := source.Open(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := Build(repository.View(source.Artifact{}), folder, flux)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for index, object := range result.Objects {
		manifest, err := object.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if index > 0 {
			text += "---\n"
		}
		text += string(manifest)
	}
	return text
}

func TestBuildsLikeTheController(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"base/kustomization.yaml": "resources: [app.yaml]\nnamePrefix: base-\nlabels: [{pairs: {part: base}, includeSelectors: true}]\n" +
			"configMapGenerator: [{name: made, files: [text.conf], literals: [on=yes]}]\ncommonAnnotations: {note: base}\n",
		"base/text.conf": "line ${VAR}\n",
		"base/app.yaml": "# a comment\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, annotations: {}}\nspec:\n  selector: {matchLabels: {a: b}}\n" +
			"  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n        - {name: c, image: 'nginx:1', envFrom: [{configMapRef: {name: made}}], args: [\"yes\", 'on', '0x10', \"1e3\"]}\n",
		"overlay/kustomization.yaml": "resources: [../base, plain.yaml]\ncomponents: [../component]\nnamespace: target\n" +
			"patches:\n  - path: patch.yaml\n  - target: {kind: Deployment, annotationSelector: note=base}\n    patch: |\n      - op: add\n        path: /metadata/annotations/more\n        value: text\n" +
			"replacements:\n  - source: {kind: Deployment, fieldPath: metadata.name}\n    targets: [{select: {kind: ConfigMap, name: plain}, fieldPaths: [data.name], options: {create: true}}]\n",
		"overlay/patch.yaml":           "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {replicas: 2}\n",
		"overlay/plain.yaml":           "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: plain}, data: {a: b}}\n  - {apiVersion: v1, kind: Namespace, metadata: {name: target}}\n",
		"component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: nginx, newTag: '2'}]\n",
		"bare/one.yaml":                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n",
		"bare/deep/two.yml":            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\n",
		"bare/sub/kustomization.yaml":  "resources: [three.yaml]\nnameSuffix: -sub\n",
		"bare/sub/three.yaml":          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: three}\n",
		"empty/read.me":                "",
		"onlymade/kustomization.yaml":  "secretGenerator: [{name: made, literals: [a=b]}]\n",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	specs := map[string]map[string]any{
		"nothing": {},
		"all": {
			"targetNamespace": "other", "namePrefix": "pre-", "nameSuffix": "-post",
			"components": []any{"../component", "../missing"}, "ignoreMissingComponents": true,
			"images":  []any{map[string]any{"name": "nginx", "newName": "registry/nginx", "newTag": "3"}},
			"patches": []any{map[string]any{"target": map[string]any{"kind": "ConfigMap"}, "patch": "- op: add\n  path: /metadata/labels\n  value: {x: y}\n"}},
		},
	}
	for _, folder := range []string{"base", "overlay", "bare", "empty", "onlymade", "bare/sub"} {
		for name, spec := range specs {
			t.Run(folder+" "+name, func(t *testing.T) {
				flux := unstructured.Unstructured{Object: map[string]any{"spec": spec}}
				want, got := controllerBuild(t, root, folder, flux), ourBuild(t, root, folder, flux)
				if got != want {
					t.Errorf("got\n%s\nthe controller builds\n%s", got, want)
				}
			})
		}
	}
}
