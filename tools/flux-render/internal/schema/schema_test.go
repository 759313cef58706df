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

// built makes a folder of schemas of the test data.
func built(t *testing.T) (string, protocol.SchemasAnswer) {
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

// judged gives `id field` of every problem of an object, sorted, and what is said, joined.
func judged(t *testing.T, folder, text string, others ...string) ([]string, string) {
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
	verdict, err := set.With(declared).Judge(content, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(content); string(after) != string(before) {
		t.Errorf("judging changed the object to %s", after)
	}
	all, said := []string{}, []string{}
	for _, problem := range verdict.Problems {
		all = append(all, strings.TrimSpace(problem.ID+" "+problem.Field))
		said = append(said, problem.What)
	}
	slices.Sort(all)
	return all, strings.Join(said, "\n")
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

func TestJudgesAsTheAPIServerDoes(t *testing.T) {
	folder, _ := built(t)
	for name, test := range map[string]struct {
		text string
		want []string
		says string
	}{
		"custom: fine":                   {widget + "spec: {size: 5, port: http, values: {any: {thing: 1}}, description: x, template: {apiVersion: v1, kind: X, metadata: {name: a}, more: 1}}\nstatus: {anything: goes}", nil, ""},
		"custom: unknown field":          {widget + "spec: {size: 5, sise: 6, parts: [{name: a, extra: b}]}", []string{"schema-unknown-field spec.parts[0].extra", "schema-unknown-field spec.sise"}, "is no field"},
		"custom: missing":                {widget + "spec: {}", []string{"schema-invalid spec.size"}, "is missing"},
		"custom: type":                   {widget + "spec: {size: '5'}", []string{"schema-invalid spec.size"}, "must be of type integer, and is of type string"},
		"custom: enum and pattern":       {widget + "spec: {size: 5, color: blue, code: ABC}", []string{"schema-invalid spec.code", "schema-invalid spec.color"}, `"red", "green"`},
		"custom: int or string":          {widget + "spec: {size: 5, port: [80]}", []string{"schema-invalid spec.port"}, ""},
		"custom: null":                   {widget + "spec: {size: 5, maybe: null, color: null}", nil, ""},
		"custom: list with keys":         {widget + "spec: {size: 5, parts: [{name: a}, {name: a}]}", []string{"schema-invalid spec.parts[1]"}, "twice"},
		"custom: rule, after defaults":   {widget + "spec: {size: 2}", []string{"schema-rule spec"}, "low must not be above size"},
		"custom: rule, not on bad types": {widget + "spec: {size: two}", []string{"schema-invalid spec.size"}, ""},
		"custom: embedded metadata":      {widget + "spec: {size: 5, template: {apiVersion: v1, kind: X, metadata: {labels: {a: '!'}}}}", []string{"schema-invalid spec.template.metadata.labels"}, ""},
		"built-in: fine":                 {service + "spec: {ports: [{port: 80, targetPort: http}, {port: 80, protocol: UDP, targetPort: 53}]}", nil, ""},
		"built-in: unknown field":        {service + "spec: {ports: [{port: 80, targetport: 80}]}", []string{"schema-unknown-field spec.ports[0].targetport"}, ""},
		"built-in: missing":              {service + "spec: {ports: [{name: http}]}", []string{"schema-invalid spec.ports[0].port"}, "is missing"},
		"built-in: type":                 {service + "spec: {ports: [{port: http}]}", []string{"schema-invalid spec.ports[0].port"}, "integer"},
		"built-in: same port twice":      {service + "spec: {ports: [{name: a, port: 80}, {name: b, port: 80, protocol: TCP}]}", []string{"schema-invalid spec.ports[1]"}, "twice"},
		"built-in: text wanted":          {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: one}\ndata: {replicas.count: 5, other: true}", []string{`schema-invalid data.other`, `schema-invalid data["replicas.count"]`}, "string"},
		"built-in: quantities":           {pod + "spec: {containers: [{name: a, resources: {limits: {cpu: 0.5, memory: 1Gi}}}]}", nil, ""},
		"built-in: no quantity":          {pod + "spec: {containers: [{name: a, resources: {limits: {cpu: much}}}]}", []string{"schema-invalid"}, "quantities"},
		"built-in: null is not there":    {pod + "spec: {containers: [{name: a}], volumes: [{name: v, emptyDir: null}]}", nil, ""},
		"built-in: has a default there":  {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: 'a:b'}\nroleRef: {kind: ClusterRole, name: x}", nil, ""},
		"name":                           {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: Not_A_Name, namespace: one}\nspec: {size: 5}", []string{"schema-invalid metadata.name"}, ""},
		"name of a service":              {"apiVersion: v1\nkind: Service\nmetadata: {name: a.b, namespace: one}\nspec: {ports: [{port: 80}]}", []string{"schema-invalid metadata.name"}, ""},
		"no namespace":                   {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 5}", []string{"schema-invalid metadata.namespace"}, "is missing"},
		"label that is no text":          {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: one, labels: {a: 5}}\nspec: {size: 5}", []string{"schema-invalid metadata.labels"}, "string"},
		"label with a bad value":         {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: w, namespace: one, labels: {a/b: '!'}}", []string{"schema-invalid metadata.labels"}, ""},
		"unknown metadata":               {"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: one, label: {}}\nspec: {size: 5}", []string{"schema-unknown-field metadata.label"}, ""},
		"deprecated version":             {"apiVersion: example.com/v1beta1\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-deprecated apiVersion"}, "use v1"},
		"version not served":             {"apiVersion: example.com/v1alpha1\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, ""},
		"version that is not there yet":  {"apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-unknown apiVersion"}, "Widget has v1, v1alpha1, v1beta1"},
		"version not there any more":     {"apiVersion: example.com/v1alpha0\nkind: Widget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, "Widget has v1, v1alpha1, v1beta1"},
		"built-in version removed":       {"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: w, namespace: one}", []string{"api-removed apiVersion"}, "use policy/v1"},
		"built-in that never was":        {"apiVersion: v1\nkind: Wodget\nmetadata: {name: w, namespace: one}", []string{"api-unknown apiVersion"}, "1.34.1"},
		"nobody's kind":                  {"apiVersion: unknown.example.com/v1\nkind: Thing\nmetadata: {name: w}", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, said := judged(t, folder, test.text)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Fatalf("finds %q, want %q: %s", got, test.want, said)
			}
			if !strings.Contains(said, test.says) {
				t.Errorf("says %q, want %q", said, test.says)
			}
		})
	}
}

func TestSaysNoValue(t *testing.T) {
	folder, _ := built(t)
	_, said := judged(t, folder, widget+"spec: {size: 5, color: hidden-value, code: Hidden-Value, parts: [{name: hidden-value}, {name: hidden-value}]}")
	if strings.Contains(strings.ToLower(said), "hidden-value") {
		t.Errorf("says a value: %s", said)
	}
}

func TestTakesTheKindsOfTheTreeFirst(t *testing.T) {
	folder, _ := built(t)
	crd, err := os.ReadFile("testdata/widgets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(crd), "size: {type: integer}", "size: {type: integer, maximum: 4}", 1)
	text := widget + "spec: {size: 5}"
	if got, _ := judged(t, folder, text); len(got) != 0 {
		t.Fatalf("finds %v", got)
	}
	if got, _ := judged(t, folder, text, own); len(got) != 1 {
		t.Fatalf("finds %v", got)
	}
	set, _ := Open(folder)
	if set.With(nil).Hash(object(t, text)) == set.With([]map[string]any{object(t, own)}).Hash(object(t, text)) {
		t.Error("a cache could not tell the schemas apart")
	}
}

func TestWritesWhatItFinds(t *testing.T) {
	folder, answer := built(t)
	want := []string{"example.com/v1/Widget", "example.com/v1alpha1/Widget", "example.com/v1beta1/Widget",
		"rbac.authorization.k8s.io/v1/ClusterRoleBinding", "v1/ConfigMap", "v1/Pod", "v1/Service"}
	if !slices.Equal(answer.Kinds, want) {
		t.Errorf("kinds %v", answer.Kinds)
	}
	if len(answer.Problems) != 0 {
		t.Errorf("problems %v", answer.Problems)
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
	answer, err := Write(protocol.SchemasRequest{OpenAPI: "testdata/openapi", Out: folder, Sources: []protocol.SchemaSource{
		{Name: "bad", Files: []string{bad}}, {Name: "first", Files: []string{"testdata/widgets.yaml"}},
		{Name: "second", Files: []string{other}}, {Name: "none", Files: []string{other}, Groups: []string{"other.com"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, problem := range answer.Problems {
		ids = append(ids, problem.ID)
	}
	slices.Sort(ids)
	if !slices.Equal(ids, []string{"not-yaml", "schema-source-empty", "schema-source-empty", "schema-source-twice"}) {
		t.Errorf("problems %+v", answer.Problems)
	}
}

func TestChecksWhatHelmRendered(t *testing.T) {
	folder, _ := built(t)
	raw := func(text string) json.RawMessage {
		made, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	answer, err := Check(protocol.CheckRequest{Schemas: folder, Objects: []json.RawMessage{
		raw("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}"),
		raw("apiVersion: unknown.example.com/v1\nkind: Thing\nmetadata: {name: w}"),
		raw(widget + "spec: {size: 5, wrong: 1}"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Problems) != 1 || *answer.Problems[0].Object != 2 || answer.Problems[0].Field != "spec.wrong" {
		t.Errorf("problems %+v", answer.Problems)
	}
	coverage := answer.Coverage
	if coverage.Checked != 2 || coverage.Total != 3 || !slices.Equal(coverage.KindsWithout, []string{"unknown.example.com/v1/Thing"}) {
		t.Errorf("coverage %+v", coverage)
	}
}
