package render

import (
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

func substituted(t *testing.T, spec, text string, change ...func(*protocol.Request)) protocol.Cluster {
	t.Helper()
	return render(t, repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", spec),
		"apps/map.yaml":          configMap("app", text),
	}), change...)
}

func TestSubstitutesLikeFlux(t *testing.T) {
	spec := "postBuild: {substitute: {NAME: value, NUMBER: '5', EMPTY: ''}}"
	for text, want := range map[string]any{
		"key: ${NAME}":            "value",
		"key: a-${NAME}-b":        "a-value-b",
		"key: $${NAME}":           "${NAME}",
		"key: ${GONE:-fallback}":  "fallback",
		"key: ${GONE:=fallback}":  "fallback",
		"key: ${EMPTY:-fallback}": "fallback",
		"key: ${NAME^^}":          "VALUE",
		"key: ${NAME/al/AL}":      "vALue",
		"key: $NAME":              "$NAME",
		"key: \"${NUMBER}\"":      int64(5), // Flux substitutes after quotes are removed
	} {
		cluster := substituted(t, spec, text)
		wantIDs(t, cluster)
		equal(t, text, data(t, cluster, "app", "key"), want)
	}
}

func TestReportsAllUnsetVariables(t *testing.T) {
	text := "key: ${FIRST} ${SECOND:-x}\nother.txt: ${THIRD} ${FIRST}"
	cluster := substituted(t, "postBuild: {substitute: {SOME: value}}", text)
	wantIDs(t, cluster, "variable-unset", "variable-unset")
	equal(t, "field", cluster.Problems[0].Field, "data.key")
	equal(t, "field", cluster.Problems[1].Field, `data["other.txt"]`)
	if !strings.Contains(cluster.Problems[1].What, "${THIRD}") {
		t.Errorf("message %q", cluster.Problems[1].What)
	}
	equal(t, "unset variable", data(t, cluster, "app", "key"), any("${FIRST} x"))
	uses := objectNamed(t, cluster, "ConfigMap", "app").Variables
	want := []protocol.VariableUse{{Name: "FIRST"}, {Name: "SECOND", HasDefault: true}, {Name: "THIRD"}}
	equal(t, "uses", len(uses), len(want))
	for index := range want {
		equal(t, "use", uses[index], want[index])
	}
	lenient := substituted(t, "postBuild: {substitute: {SOME: value}}", text, lenientMode)
	wantIDs(t, lenient, "variable-empty", "variable-empty")
	equal(t, "empty", data(t, lenient, "app", "key"), any("x"))
}

func TestLeavesTextAloneLikeFlux(t *testing.T) {
	for name, cluster := range map[string]protocol.Cluster{
		"no postBuild": substituted(t, "", "key: ${NAME}"),
		"no value":     substituted(t, "postBuild: {substituteFrom: [{kind: ConfigMap, name: gone, optional: true}]}", "key: ${NAME}"),
	} {
		wantIDs(t, cluster)
		equal(t, name, data(t, cluster, "app", "key"), any("${NAME}"))
	}
	for _, field := range []string{"labels", "annotations"} {
		root := repository(t, map[string]string{
			"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substitute: {NAME: value}}"),
			"apps/map.yaml": strings.Replace(configMap("app", "key: ${NAME} ${OTHER}"), "metadata:",
				"metadata:\n  "+field+": {kustomize.toolkit.fluxcd.io/substitute: disabled}", 1),
		})
		cluster := render(t, root)
		wantIDs(t, cluster)
		equal(t, field, data(t, cluster, "app", "key"), any("${NAME} ${OTHER}"))
	}
}

func TestMergesValuesInFluxOrder(t *testing.T) {
	settings := func(request *protocol.Request) {
		request.Clusters[0].Settings = []protocol.Settings{
			{Kind: "ConfigMap", Namespace: "flux-system", Name: "first", Data: map[string]string{"A": "first", "B": "first", "C": "first"}},
			{Kind: "Secret", Namespace: "flux-system", Name: "second", Data: map[string]string{"B": "second", "C": "sec\nond"}},
		}
	}
	cluster := substituted(t, "postBuild:\n  substitute: {C: inline}\n  substituteFrom:\n    - {kind: ConfigMap, name: first}\n    - {kind: Secret, name: second}",
		"key: ${A} ${B} ${C}", settings)
	wantIDs(t, cluster)
	equal(t, "values", data(t, cluster, "app", "key"), any("first second inline"))
	equal(t, "variables", kustomizationNamed(t, cluster, "flux-system/apps").Variables["C"], "inline")
}

func TestFindsSettingsOfOtherKustomizations(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/a.yaml": flux("apps", "./apps",
			"postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: secret, optional: true}]}"),
		"clusters/one/b.yaml":    flux("outer", "./outer"),
		"outer/inner.yaml":       flux("inner", "./inner"),
		"inner/settings.yaml":    configMap("settings", "NAME: value"),
		"inner/secret.yaml":      "apiVersion: v1\nkind: Secret\nmetadata: {name: secret, namespace: flux-system}\ndata: {CODED: Y29kZWQ=}\nstringData: {PLAIN: plain}\n",
		"apps/map.yaml":          configMap("app", "key: ${NAME} ${CODED} ${PLAIN}"),
		"clusters/one/last.yaml": flux("last", "./inner"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	equal(t, "values", data(t, cluster, "app", "key"), any("value coded plain"))
}

func TestReportsOnlyMissingSettings(t *testing.T) {
	cluster := substituted(t, "postBuild: {substitute: {A: b}, substituteFrom: [{kind: Secret, name: here, optional: true}, {kind: ConfigMap, name: gone}]}", "key: ${NAME}")
	wantIDs(t, cluster, "substitute-from-missing")
	equal(t, "field", cluster.Problems[0].Field, "spec.postBuild.substituteFrom[1].name")
	if cluster.Problems[0].Object == nil {
		t.Error("does not identify the declaring object")
	}
}

func TestUsesUnnamedSettingsAsFallback(t *testing.T) {
	spec := "postBuild: {substituteFrom: [{kind: ConfigMap, name: here}, {kind: Secret, name: gone}]}"
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", spec),
		"clusters/one/here.yaml": configMap("here", "A: here"),
		"apps/map.yaml":          configMap("app", "key: ${A} ${B}"),
	})
	cluster := render(t, root, func(request *protocol.Request) {
		request.Clusters[0].Settings = []protocol.Settings{{Kind: "Secret", Data: map[string]string{"B": "given"}}}
	})
	wantIDs(t, cluster)
	equal(t, "values", data(t, cluster, "app", "key"), any("here given"))
}

func TestConvertsNumbersInSettingsToStrings(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}"),
		"clusters/one/map.yaml":  configMap("settings", "NUMBER: 5", "NAME: value"),
		"apps/map.yaml":          configMap("app", "key: a${NUMBER}${NAME}"),
	})
	cluster := render(t, root)
	wantIDs(t, cluster)
	equal(t, "values", data(t, cluster, "app", "key"), any("a5value"))
}

func TestDoesNotKnowValuesOfExternalSecrets(t *testing.T) {
	for name, test := range map[string]struct{ spec, want string }{
		"keys listed":  {"{target: {name: secret}, data: [{secretKey: NAME, remoteRef: {key: a}}]}", "variable-unset"},
		"keys unknown": {"{target: {name: secret}, dataFrom: [{extract: {key: a}}]}", ""},
		"template":     {"{target: {name: secret, template: {data: {NAME: x}}}, dataFrom: [{extract: {key: a}}]}", "variable-unset"},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t, map[string]string{
				"clusters/one/a.yaml":  flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: Secret, name: secret}]}"),
				"clusters/one/es.yaml": "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: other, namespace: flux-system}\nspec: " + test.spec + "\n",
				"apps/map.yaml":        configMap("app", "key: ${NAME}", "other: ${OTHER}"),
			})
			cluster := render(t, root)
			if test.want == "" {
				wantIDs(t, cluster)
			} else {
				wantIDs(t, cluster, test.want)
				equal(t, "field", cluster.Problems[0].Field, "data.other")
			}
			equal(t, "placeholder", data(t, cluster, "app", "key"), any(variables.External))
		})
	}
}

func TestReportsFailedSubstitution(t *testing.T) {
	for name, test := range map[string]struct{ spec, text string }{
		"shell":                {"postBuild: {substitute: {A: b}}", "key: ${foo[@]}"},
		"no name":              {"postBuild: {substitute: {A: b}}", "key: ${}"},
		"breaks the YAML":      {"postBuild: {substitute: {A: 'x: y: z'}}", "key: ${A}"},
		"setting not a string": {"postBuild: {substitute: {A: 5}}", "key: value"},
		"setting has bad name": {"postBuild: {substitute: {a-b: c}}", "key: value"},
	} {
		t.Run(name, func(t *testing.T) {
			wantIDs(t, substituted(t, test.spec, test.text), "substitution-failed")
		})
	}
}

const encrypted = "ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]"

func TestNeverDecrypts(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: secret, namespace: flux-system}\nstringData: {NAME: '" + encrypted + "'}\n" +
		"sops: {mac: '" + encrypted + "', version: 3.9.0}\n"
	files := map[string]string{
		"clusters/one/a.yaml":     flux("secrets", "./secrets", "decryption: {provider: sops}"),
		"clusters/one/b.yaml":     flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: Secret, name: secret}]}"),
		"secrets/secret.yaml":     secret,
		"secrets/values.sops.env": "TOKEN=" + encrypted + "\nsops_mac=" + encrypted + "\n",
		"secrets/kustomization.yaml": kustomizationHead + "resources: [secret.yaml]\n" +
			"secretGenerator: [{name: made, envs: [values.sops.env], options: {disableNameSuffixHash: true}}]\n",
		"apps/map.yaml": configMap("app", "key: ${NAME}", "other: ${OTHER}"),
	}
	cluster := render(t, repository(t, files))
	wantIDs(t, cluster, "variable-unset")
	equal(t, "placeholder", data(t, cluster, "app", "key"), any(variables.Encrypted))
	found := objectNamed(t, cluster, "Secret", "secret")
	equal(t, "encrypted", found.Encrypted, true)
	if _, has := found.Object["sops"]; has {
		t.Error("keeps the sops field that Flux removes")
	}
	made := objectNamed(t, cluster, "Secret", "made").Object["data"].(map[string]any)
	equal(t, "keys", len(made), 1)
	equal(t, "generated", made["TOKEN"], any(encodedPlaceholder))

	files["clusters/one/a.yaml"] = flux("secrets", "./secrets")
	wantIDs(t, render(t, repository(t, files)), "render-failed", "render-failed", "variable-unset")
}
