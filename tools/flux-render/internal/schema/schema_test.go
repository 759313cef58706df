package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// writeSchemas builds a folder of schemas from the test data.
func writeSchemas(t *testing.T) (string, protocol.SchemasResponse) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "schemas")
	answer, err := Write(protocol.SchemasRequest{
		OpenAPI: "testdata/openapi", Out: out,
		Sources: []protocol.SchemaSource{{Name: "widgets", Files: []string{"testdata/widgets.yaml"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, answer
}

// validate returns `id field` of every problem of an object, sorted, and all messages, joined.
func validate(t *testing.T, folder, text string, others ...string) ([]string, string) {
	t.Helper()
	set, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	var declared []map[string]any
	for _, other := range others {
		declared = append(declared, object(t, other))
	}
	content := object(t, text)
	before, _ := json.Marshal(content)
	result, err := set.With(declared).Validate(content, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(content); string(after) != string(before) {
		t.Errorf("validation changed the object to %s", after)
	}
	all, messages := []string{}, []string{}
	for _, problem := range result.Problems {
		all = append(all, strings.TrimSpace(problem.ID+" "+problem.Field))
		messages = append(messages, problem.What)
	}
	slices.Sort(all)
	return all, strings.Join(messages, "\n")
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	content, err := decodeObject(raw)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

const (
	widget  = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: one}\n"
	service = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: one}\n"
	pod     = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: one}\n"
)

func TestValidatesLikeTheAPIServer(t *testing.T) {
	folder, _ := writeSchemas(t)
	for name, test := range map[string]struct {
		text    string
		want    []string
		message string
	}{
		"custom: valid":                  {widget + "spec: {size: 5, port: http, values: {any: {thing: 1}}, description: x, template: {apiVersion: v1, kind: X, metadata: {name: a}, more: 1}}\nstatus: {anything: goes}", nil, ""},
		"custom: unknown field":          {widget + "spec: {size: 5, sise: 6, parts: [{name: a, extra: b}]}", []string{"schema-unknown-field spec.parts[0].extra", "schema-unknown-field spec.sise"}, "is not a field"},
		"custom: missing":                {widget + "spec: {}", []string{"schema-invalid spec.size"}, "is missing"},
		"custom: type":                   {widget + "spec: {size: '5'}", []string{"schema-invalid spec.size"}, "must be of type integer but is of type string"},
		"custom: enum and pattern":       {widget + "spec: {size: 5, color: blue, code: ABC}", []string{"schema-invalid spec.code", "schema-invalid spec.color"}, `"red", "green"`},
		"custom: int or string":          {widget + "spec: {size: 5, port: [80]}", []string{"schema-invalid spec.port"}, ""},
		"custom: null":                   {widget + "spec: {size: 5, maybe: null, color: null}", nil, ""},
		"custom: list with keys":         {widget + "spec: {size: 5, parts: [{name: a}, {name: a}]}", []string{"schema-invalid spec.parts[1]"}, "twice"},
		"custom: rule, after defaults":   {widget + "spec: {size: 2}", []string{"schema-rule spec"}, "low must not be above size"},
		"custom: rule, not on bad types": {widget + "spec: {size: two}", []string{"schema-invalid spec.size"}, ""},
		"custom: embedded metadata":      {widget + "spec: {size: 5, template: {apiVersion: v1, kind: X, metadata: {labels: {a: '!'}}}}", []string{"schema-invalid spec.template.metadata.labels"}, ""},
		"built-in: valid":                {service + "spec: {ports: [{port: 80, targetPort: http}, {port: 80, protocol: UDP, targetPort: 53}]}", nil, ""},
		"built-in: unknown field":        {service + "spec: {ports: [{port: 80, targetport: 80}]}", []string{"schema-unknown-field spec.ports[0].targetport"}, ""},
		"built-in: missing":              {service + "spec: {ports: [{name: http}]}", []string{"schema-invalid spec.ports[0].port"}, "is missing"},
		"built-in: type":                 {service + "spec: {ports: [{port: http}]}", []string{"schema-invalid spec.ports[0].port"}, "integer"},
		"built-in: same port twice":      {service + "spec: {ports: [{name: a, port: 80}, {name: b, port: 80, protocol: TCP}]}", []string{"schema-invalid spec.ports[1]"}, "twice"},
		"built-in: string expected":      {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: one}\ndata: {replicas.count: 5, other: true}", []string{`schema-invalid data.other`, `schema-invalid data["replicas.count"]`}, "string"},
		"built-in: quantities":           {pod + "spec: {containers: [{name: a, resources: {limits: {cpu: 0.5, memory: 1Gi}}}]}", nil, ""},
		"built-in: bad quantity":         {pod + "spec: {containers: [{name: a, resources: {limits: {cpu: much}}}]}", []string{"schema-invalid"}, "quantities"},
		"built-in: null means missing":   {pod + "spec: {containers: [{name: a}], volumes: [{name: v, emptyDir: null}]}", nil, ""},
		"built-in: server-side default":  {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: 'a:b'}\nroleRef: {kind: ClusterRole, name: x}", nil, ""},
		"name":                           {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: Not_A_Name, namespace: one}\nspec: {size: 5}", []string{"schema-invalid metadata.name"}, ""},
		"name of a service":              {"apiVersion: v1\nkind: Service\nmetadata: {name: a.b, namespace: one}\nspec: {ports: [{port: 80}]}", []string{"schema-invalid metadata.name"}, ""},
		"no namespace":                   {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 5}", []string{"schema-invalid metadata.namespace"}, "is missing"},
		"label that is not a string":     {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: one, labels: {a: 5}}\nspec: {size: 5}", []string{"schema-invalid metadata.labels"}, "string"},
		"label with a bad value":         {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: w, namespace: one, labels: {a/b: '!'}}", []string{"schema-invalid metadata.labels"}, ""},
		"unknown metadata":               {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: one, label: {}}\nspec: {size: 5}", []string{"schema-unknown-field metadata.label"}, ""},
		"deprecated version":             {"apiVersion: example.com/v1beta1\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-deprecated apiVersion"}, "use v1"},
		"version not served":             {"apiVersion: example.com/v1alpha1\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, ""},
		"version that is too new":        {"apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-unknown apiVersion"}, "Widget has v1, v1alpha1, v1beta1"},
		"version that was dropped":       {"apiVersion: example.com/v1alpha0\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, "Widget has v1, v1alpha1, v1beta1"},
		"built-in version removed":       {"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, "use policy/v1"},
		"unknown built-in kind":          {"apiVersion: v1\nkind: Wodget\nmetadata: {name: w, namespace: one}", []string{"api-unknown apiVersion"}, "1.34.1"},
		"unknown kind":                   {"apiVersion: unknown.example.com/v1\nkind: Thing\nmetadata: {name: w}", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, messages := validate(t, folder, test.text)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Fatalf("got %q, want %q: %s", got, test.want, messages)
			}
			if !strings.Contains(messages, test.message) {
				t.Errorf("message %q, want %q", messages, test.message)
			}
		})
	}
}

func TestMessagesDoNotContainValues(t *testing.T) {
	folder, _ := writeSchemas(t)
	_, messages := validate(t, folder, widget+"spec: {size: 5, color: hidden-value, code: Hidden-Value, parts: [{name: hidden-value}, {name: hidden-value}]}")
	if strings.Contains(strings.ToLower(messages), "hidden-value") {
		t.Errorf("message contains a value: %s", messages)
	}
}

func TestKindsOfTheTreeTakePrecedence(t *testing.T) {
	folder, _ := writeSchemas(t)
	crd, err := os.ReadFile("testdata/widgets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(crd), "size: {type: integer}", "size: {type: integer, maximum: 4}", 1)
	text := widget + "spec: {size: 5}"
	if got, _ := validate(t, folder, text); len(got) != 0 {
		t.Fatalf("got %v", got)
	}
	if got, _ := validate(t, folder, text, own); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
	set, _ := Open(folder)
	if set.With(nil).Hash(object(t, text)) == set.With([]map[string]any{object(t, own)}).Hash(object(t, text)) {
		t.Error("different schemas have the same hash")
	}
}

func TestWritesSchemas(t *testing.T) {
	folder, response := writeSchemas(t)
	want := []string{"example.com/v1/Widget", "example.com/v1alpha1/Widget", "example.com/v1beta1/Widget",
		"rbac.authorization.k8s.io/v1/ClusterRoleBinding", "v1/ConfigMap", "v1/Pod", "v1/Service"}
	if !slices.Equal(response.Kinds, want) {
		t.Errorf("kinds %v", response.Kinds)
	}
	if len(response.Problems) != 0 {
		t.Errorf("problems %v", response.Problems)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("a: {{ .Values.x }}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	crd, _ := os.ReadFile("testdata/widgets.yaml")
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte(strings.Replace(string(crd), "maybe:", "other:", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	response, err := Write(protocol.SchemasRequest{OpenAPI: "testdata/openapi", Out: folder, Sources: []protocol.SchemaSource{
		{Name: "bad", Files: []string{bad}}, {Name: "first", Files: []string{"testdata/widgets.yaml"}},
		{Name: "second", Files: []string{other}}, {Name: "none", Files: []string{other}, Groups: []string{"other.com"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, problem := range response.Problems {
		ids = append(ids, problem.ID)
	}
	slices.Sort(ids)
	if !slices.Equal(ids, []string{"not-yaml", "schema-source-empty", "schema-source-empty", "schema-source-twice"}) {
		t.Errorf("problems %+v", response.Problems)
	}
}

func TestChecksObjectsRenderedByHelm(t *testing.T) {
	folder, _ := writeSchemas(t)
	raw := func(text string) json.RawMessage {
		converted, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return converted
	}
	response, err := Check(protocol.CheckRequest{Schemas: folder, Objects: []json.RawMessage{
		raw("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}"),
		raw("apiVersion: unknown.example.com/v1\nkind: Thing\nmetadata: {name: w}"),
		raw(widget + "spec: {size: 5, wrong: 1}"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Problems) != 1 || *response.Problems[0].Object != 2 || response.Problems[0].Field != "spec.wrong" {
		t.Errorf("problems %+v", response.Problems)
	}
	coverage := response.Coverage
	if coverage.Checked != 2 || coverage.Total != 3 || !slices.Equal(coverage.KindsWithout, []string{"unknown.example.com/v1/Thing"}) {
		t.Errorf("coverage %+v", coverage)
	}
}
