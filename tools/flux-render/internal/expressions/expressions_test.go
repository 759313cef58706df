package expressions

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func problems(t *testing.T, object string) []string {
	t.Helper()
	var content map[string]any
	if err := yaml.Unmarshal([]byte(object), &content); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, problem := range Problems(content) {
		all = append(all, problem.ID+" "+problem.Field+": "+problem.What)
	}
	return all
}

func expectProblems(t *testing.T, object string, parts ...string) {
	t.Helper()
	got := problems(t, object)
	if len(got) != len(parts) {
		t.Fatalf("%d problems instead of %d: %q\n%s", len(got), len(parts), got, object)
	}
	for index, part := range parts {
		if !strings.Contains(got[index], part) {
			t.Errorf("%q does not contain %q", got[index], part)
		}
	}
}

func kustomization(spec string) string {
	return "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: " + spec
}

func TestHealthChecks(t *testing.T) {
	check := func(current string) string {
		return kustomization("{healthCheckExprs: [{apiVersion: v1, kind: A, current: \"" + current + "\"}]}")
	}
	for _, valid := range []string{
		"status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
		"has(status.ceph) && status.ceph.health in ['HEALTH_OK', 'HEALTH_WARN']",
		"has(data.field) && data.?other.orValue('') == ''",
		"status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True' && e.observedGeneration == metadata.generation)",
		"status.phase.lowerAscii().startsWith('run') || sets.contains([1], [1])",
		"true",
		"status.ready",
		// What the values decide is not for us.
		"status.replicas == '3'",
	} {
		expectProblems(t, check(valid))
	}
	for invalid, part := range map[string]string{
		"has(status) && status.ready":          "expression-invalid spec.healthCheckExprs[0].current: spec.healthCheckExprs[0].current is not valid CEL: invalid argument to has() macro (line 1, column 5)",
		"status.conditions.exists(e, e.type =": "Syntax error",
		"status.conditions.exist(e, true)":     "undeclared reference to 'exist'",
		"status.phase == 'Ready' ? 'a' : 'b'":  "it must yield a boolean, but yields a string",
		"size(status.conditions)":              "it must yield a boolean, but yields a int",
	} {
		expectProblems(t, check(invalid), part)
	}
	expectProblems(t, kustomization("{healthCheckExprs: [{current: 'true', failed: 'a b', inProgress: '('}]}"), ".inProgress", ".failed")
}

func TestReadyExpressions(t *testing.T) {
	release := func(expression string) string {
		return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {dependsOn: [{name: a}, {name: b, readyExpr: \"" + expression + "\"}]}"
	}
	expectProblems(t, release("self.metadata.labels['a'] == dep.metadata.labels['a'] && dep.status.conditions.exists(c, c.type == 'Ready')"))
	expectProblems(t, release("status.conditions.exists(c, true)"), "spec.dependsOn[1].readyExpr: spec.dependsOn[1].readyExpr is not valid CEL: undeclared reference to 'status'")
	expectProblems(t, release("'a'"), "output type mismatch: expected bool, got string")
}

func TestResourceFilter(t *testing.T) {
	receiver := func(filter string) string {
		return "apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nspec: {resourceFilter: \"" + filter + "\"}"
	}
	expectProblems(t, receiver("req.tag.contains(res.metadata.name)"))
	expectProblems(t, receiver("request.tag == ''"), "undeclared reference to 'request'")
}

func TestAdmissionPolicies(t *testing.T) {
	policy := func(kind, spec string) string {
		return "apiVersion: admissionregistration.k8s.io/v1\nkind: " + kind + "AdmissionPolicy\nspec:\n" + spec
	}
	expectProblems(t, policy("Validating", `
  paramKind: {apiVersion: v1, kind: ConfigMap}
  variables:
    - {name: containers, expression: "object.spec.containers"}
    - {name: images, expression: "variables.containers.map(c, c.image)"}
  matchConditions: [{name: a, expression: "!('system:masters' in request.userInfo.groups)"}]
  validations:
    - expression: "variables.images.all(i, i.contains('@') && i != params.data.image)"
      messageExpression: "'not ' + object.metadata.name"
    - expression: "quantity(object.a).isLessThan(quantity('1Gi')) && authorizer.group('').resource('pods').check('get').allowed()"
  auditAnnotations: [{key: a, valueExpression: "'x'"}]`))
	expectProblems(t, policy("Validating", `
  variables: [{name: a, expression: "object.spec.("}]
  matchConditions: [{name: a, expression: "object.metadata.name"}]
  validations:
    - {expression: "params.data.a == ''"}
    - {expression: "object.a == 1", messageExpression: "1"}
    - {expression: "variables.b == 1"}`),
		"policy-expression-invalid spec.variables[0].expression", "must evaluate to bool",
		"undeclared reference to 'params'", "must evaluate to string", "undefined field 'b'")
	expectProblems(t, policy("Mutating", `
  mutations:
    - {patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}"}}
    - {patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'add', path: '/a', value: 'b'}]"}}
    - {patchType: JSONPatch, jsonPatch: {expression: "['a']"}}`),
		"spec.mutations[2].jsonPatch.expression")
}

func TestOtherObjects(t *testing.T) {
	expectProblems(t, "apiVersion: v1\nkind: ConfigMap\nspec: {healthCheckExprs: [{current: '('}]}")
	expectProblems(t, "apiVersion: example.org/v1\nkind: Kustomization\nspec: {dependsOn: [{readyExpr: '('}]}")
}
