package render

import (
	"path/filepath"
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
)

// withSchemas makes requests validate against the schemas of package schema's test data.
func withSchemas(t *testing.T) func(*protocol.Request) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "schemas")
	_, err := schema.Write(protocol.SchemasRequest{OpenAPI: "../schema/testdata/openapi", Out: folder})
	if err != nil {
		t.Fatal(err)
	}
	return func(request *protocol.Request) { request.Schemas = folder }
}

const widgetCRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Cluster
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}}]
`

func TestValidatesRenderedObjects(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substitute: {SIZE: '5', TEXT: big}, substituteFrom: [{kind: Secret, name: secret}]}"),
		"clusters/one/crds.yaml": flux("crds", "./crds"),
		"clusters/one/es.yaml":   "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: secret, namespace: flux-system}\nspec: {data: [{secretKey: SECRET}]}\n",
		"crds/widget.yaml":       widgetCRD,
		"apps/widgets.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: good}\nsize: ${SIZE}\n---\n" +
			"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: bad}\nsize: ${TEXT}\n---\n" +
			"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: unset}\nsize: ${GONE}\n---\n" +
			"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: secret}\nsize: ${SECRET}\nwrong: true\n",
		"apps/map.yaml": configMap("map", "a: b"),
	})
	cluster := render(t, root, withSchemas(t))
	wantIDs(t, cluster, "schema-invalid", "schema-unknown-field", "variable-unset")
	for _, problem := range cluster.Problems {
		name := cluster.Objects[*problem.Object].Object["metadata"].(map[string]any)["name"]
		equal(t, problem.ID, name, map[string]any{"schema-invalid": "bad", "schema-unknown-field": "secret", "variable-unset": "unset"}[problem.ID])
	}
	// The object with the unset variable is not validated; ExternalSecret, Kustomization and CRDs have no schema here.
	equal(t, "total", cluster.Coverage.Total, 9)
	equal(t, "checked", cluster.Coverage.Checked, 4)
	equal(t, "without", strings.Join(cluster.Coverage.KindsWithout, " "),
		"apiextensions.k8s.io/v1/CustomResourceDefinition external-secrets.io/v1/ExternalSecret kustomize.toolkit.fluxcd.io/v1/Kustomization")
}

func TestCachesValidationPerSchema(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/crds.yaml": flux("crds", "./crds"),
		"clusters/one/apps.yaml": flux("apps", "./apps"),
		"crds/widget.yaml":       widgetCRD,
		"apps/widget.yaml":       "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: good}\nsize: 5\n",
	})
	folder, validated := t.TempDir(), withSchemas(t)
	first, _ := cached(t, root, folder, validated)
	wantIDs(t, first)
	again, written := cached(t, root, folder, validated)
	equal(t, "written again", written, 0)
	same(t, "again", again, first)
	write(t, root, "crds/widget.yaml", strings.Replace(widgetCRD, "integer", "string", 1))
	changed, written := cached(t, root, folder, validated)
	wantIDs(t, changed, "schema-invalid")
	equal(t, "written for another schema", written, 2)
}
