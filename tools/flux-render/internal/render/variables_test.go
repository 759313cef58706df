package render

import (
	"strings"
	"testing"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

func substituted(t *testing.T, spec, text string, change ...func(*protocol.Request)) protocol.Cluster {
	t.Helper()
	return rendered(t, repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", spec),
		"apps/map.yaml":          configMap("app", text),
	}), change...)
}

func TestSubstitutesAsFluxDoes(t *testing.T) {
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
		"key: \"${NUMBER}\"":      int64(5), // quotes are gone when Flux substitutes
	} {
		answer := substituted(t, spec, text)
		wantIDs(t, answer)
		equal(t, text, data(t, answer, "app", "key"), want)
	}
}

func TestFindsEveryUnsetVariableAtOnce(t *testing.T) {
	text := "key: ${FIRST} ${SECOND:-x}\nother.txt: ${THIRD} ${FIRST}"
	answer := substituted(t, "postBuild: {substitute: {SOME: value}}", text)
	wantIDs(t, answer, "variable-unset", "variable-unset")
	equal(t, "field", answer.Problems[0].Field, "data.key")
	equal(t, "field", answer.Problems[1].Field, `data["other.txt"]`)
	if !strings.Contains(answer.Problems[1].What, "${THIRD}") {
		t.Errorf("says %q", answer.Problems[1].What)
	}
	equal(t, "what is unset stays", data(t, answer, "app", "key"), any("${FIRST} x"))
	uses := objectNamed(t, answer, "ConfigMap", "app").Variables
	want := []protocol.VariableUse{{Name: "FIRST"}, {Name: "SECOND", HasDefault: true}, {Name: "THIRD"}}
	equal(t, "uses", len(uses), len(want))
	for index := range want {
		equal(t, "use", uses[index], want[index])
	}
	lenient := substituted(t, "postBuild: {substitute: {SOME: value}}", text, leniently)
	wantIDs(t, lenient, "variable-empty", "variable-empty")
	equal(t, "empty", data(t, lenient, "app", "key"), any("x"))
}

func TestLeavesTextAloneWhereFluxDoes(t *testing.T) {
	for name, answer := range map[string]protocol.Cluster{
		"no postBuild": substituted(t, "", "key: ${NAME}"),
		"no value":     substituted(t, "postBuild: {substituteFrom: [{kind: ConfigMap, name: gone, optional: true}]}", "key: ${NAME}"),
	} {
		wantIDs(t, answer)
		equal(t, name, data(t, answer, "app", "key"), any("${NAME}"))
	}
	for _, switchedOff := range []string{"labels", "annotations"} {
		root := repository(t, map[string]string{
			"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substitute: {NAME: value}}"),
			"apps/map.yaml": strings.Replace(configMap("app", "key: ${NAME} ${OTHER}"), "metadata:",
				"metadata:\n  "+switchedOff+": {kustomize.toolkit.fluxcd.io/substitute: disabled}", 1),
		})
		answer := rendered(t, root)
		wantIDs(t, answer)
		equal(t, switchedOff, data(t, answer, "app", "key"), any("${NAME} ${OTHER}"))
	}
}

func TestTakesValuesInFluxOrder(t *testing.T) {
	settings := func(request *protocol.Request) {
		request.Clusters[0].Settings = []protocol.Settings{
			{Kind: "ConfigMap", Namespace: "flux-system", Name: "first", Data: map[string]string{"A": "first", "B": "first", "C": "first"}},
			{Kind: "Secret", Namespace: "flux-system", Name: "second", Data: map[string]string{"B": "second", "C": "sec\nond"}},
		}
	}
	answer := substituted(t, "postBuild:\n  substitute: {C: inline}\n  substituteFrom:\n    - {kind: ConfigMap, name: first}\n    - {kind: Secret, name: second}",
		"key: ${A} ${B} ${C}", settings)
	wantIDs(t, answer)
	equal(t, "values", data(t, answer, "app", "key"), any("first second inline"))
	equal(t, "variables", kustomizationNamed(t, answer, "flux-system/apps").Variables["C"], "inline")
}

func TestFindsSettingsThatAnotherKustomizationMakes(t *testing.T) {
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
	answer := rendered(t, root)
	wantIDs(t, answer)
	equal(t, "values", data(t, answer, "app", "key"), any("value coded plain"))
}

func TestSaysWhichSettingsAreMissingAndNothingElse(t *testing.T) {
	answer := substituted(t, "postBuild: {substitute: {A: b}, substituteFrom: [{kind: Secret, name: here, optional: true}, {kind: ConfigMap, name: gone}]}", "key: ${NAME}")
	wantIDs(t, answer, "substitute-from-missing")
	equal(t, "field", answer.Problems[0].Field, "spec.postBuild.substituteFrom[1].name")
	if answer.Problems[0].Object == nil {
		t.Error("does not say which object declares it")
	}
}

func TestTakesWhatIsFoundNowhereFromSettingsWithoutAName(t *testing.T) {
	spec := "postBuild: {substituteFrom: [{kind: ConfigMap, name: here}, {kind: Secret, name: gone}]}"
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", spec),
		"clusters/one/here.yaml": configMap("here", "A: here"),
		"apps/map.yaml":          configMap("app", "key: ${A} ${B}"),
	})
	answer := rendered(t, root, func(request *protocol.Request) {
		request.Clusters[0].Settings = []protocol.Settings{{Kind: "Secret", Data: map[string]string{"B": "given"}}}
	})
	wantIDs(t, answer)
	equal(t, "values", data(t, answer, "app", "key"), any("here given"))
}

func TestTakesANumberInSettingsForItsText(t *testing.T) {
	root := repository(t, map[string]string{
		"clusters/one/apps.yaml": flux("apps", "./apps", "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}"),
		"clusters/one/map.yaml":  configMap("settings", "NUMBER: 5", "NAME: value"),
		"apps/map.yaml":          configMap("app", "key: a${NUMBER}${NAME}"),
	})
	answer := rendered(t, root)
	wantIDs(t, answer)
	equal(t, "values", data(t, answer, "app", "key"), any("a5value"))
}

func TestDoesNotKnowWhatAnExternalSecretHolds(t *testing.T) {
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
			answer := rendered(t, root)
			if test.want == "" {
				wantIDs(t, answer)
			} else {
				wantIDs(t, answer, test.want)
				equal(t, "field", answer.Problems[0].Field, "data.other")
			}
			equal(t, "placeholder", data(t, answer, "app", "key"), any(variables.External))
		})
	}
}

func TestSaysWhatFluxCannotSubstitute(t *testing.T) {
	for name, test := range map[string]struct{ spec, text string }{
		"shell":                {"postBuild: {substitute: {A: b}}", "key: ${foo[@]}"},
		"no name":              {"postBuild: {substitute: {A: b}}", "key: ${}"},
		"breaks the YAML":      {"postBuild: {substitute: {A: 'x: y: z'}}", "key: ${A}"},
		"setting is no text":   {"postBuild: {substitute: {A: 5}}", "key: value"},
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
	answer := rendered(t, repository(t, files))
	wantIDs(t, answer, "variable-unset")
	equal(t, "placeholder", data(t, answer, "app", "key"), any(variables.Encrypted))
	found := objectNamed(t, answer, "Secret", "secret")
	equal(t, "encrypted", found.Encrypted, true)
	if _, has := found.Object["sops"]; has {
		t.Error("keeps what Flux takes away")
	}
	made := objectNamed(t, answer, "Secret", "made").Object["data"].(map[string]any)
	equal(t, "keys", len(made), 1)
	equal(t, "generated", made["TOKEN"], any(variables.Encrypted))

	files["clusters/one/a.yaml"] = flux("secrets", "./secrets")
	wantIDs(t, rendered(t, repository(t, files)), "render-failed", "render-failed", "variable-unset")
}
