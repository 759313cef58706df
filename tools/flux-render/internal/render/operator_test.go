package render

import (
	"strings"
	"testing"
)

const sopsSecret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: secret, namespace: flux-system}\ndata: {NAME: '" + encrypted + "'}\n" +
	"sops: {mac: '" + encrypted + "', version: 3.9.0}\n"

const instanceSpec = `
sync: {kind: GitRepository, url: 'https://example.com/x.git', ref: refs/heads/main, path: ./clusters/one}
kustomize:
  patches:
    - target: {kind: Deployment, name: gone}
      patch: '[{"op": "remove", "path": "/spec"}]'
    - patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: kustomize-controller}, spec: {replicas: 2}}'
    - target: {kind: Kustomization}
      patch: |
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: flux-system, namespace: flux-system}
        spec: DECRYPTION
`

// instance returns a FluxInstance whose patch adds a spec to the entry's Kustomization.
func instance(spec string) string {
	return "---\napiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\nspec:\n" +
		indent(strings.TrimSpace(strings.Replace(instanceSpec, "DECRYPTION", spec, 1)))
}

func TestAppliesThePatchesOfTheFluxInstanceToTheEntry(t *testing.T) {
	decrypting := "{decryption: {provider: sops}, postBuild: {substitute: {NAME: patched}}}"
	files := func(flux string) map[string]string {
		return map[string]string{
			"clusters/one/secret.yaml": sopsSecret,
			"clusters/one/map.yaml":    configMap("app", "key: ${NAME}"),
			"clusters/one/flux.yaml":   flux,
			"operator/instance.yaml":   instance(decrypting),
		}
	}
	chart := "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: flux-instance, namespace: flux-system}\nspec: {url: 'oci://ghcr.io/x/charts/flux-instance'}\n" +
		"---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux-instance, namespace: flux-system}\nspec:\n  chartRef: {kind: OCIRepository, name: flux-instance}\n"
	values := "instance:\n" + indent(strings.TrimSpace(strings.Replace(instanceSpec, "DECRYPTION", decrypting, 1)))
	fromMap := "  valuesFrom: [{kind: ConfigMap, name: values}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: values, namespace: flux-system}\ndata:\n  values.yaml: |\n" + indent(indent(values))
	for name, declared := range map[string]string{
		"an object":             instance(decrypting),
		"below the entry":       flux("operator", "./operator"),
		"values of the chart":   chart + "  values:\n" + indent(indent(values)),
		"values of a ConfigMap": chart + fromMap,
		"in a ResourceSet": "---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: flux, namespace: flux-system}\nspec:\n  resources:\n    - " +
			strings.TrimSpace(indent(indent(indent(strings.TrimPrefix(instance(decrypting), "---\n"))))) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			cluster := render(t, repository(t, files(declared)))
			wantIDs(t, cluster)
			equal(t, "substituted", data(t, cluster, "app", "key"), any("patched"))
		})
	}
	t.Run("another FluxInstance", func(t *testing.T) {
		other := strings.Replace(instance(decrypting), "./clusters/one", "./clusters/two", 1)
		wantIDs(t, render(t, repository(t, files(other))), "entry-variable")
	})
	t.Run("without decryption", func(t *testing.T) {
		wantIDs(t, render(t, repository(t, files(instance("{force: true}")))), "entry-variable", "render-failed")
	})
}

func TestJudgesNoEncryptionOfAnEntryThatIsNotKnown(t *testing.T) {
	root := repository(t, map[string]string{"clusters/one/secret.yaml": sopsSecret})
	wantIDs(t, render(t, root))
	declared := repository(t, map[string]string{"clusters/one/secret.yaml": sopsSecret, "clusters/one/flux.yaml": flux("flux-system", "./clusters/one")})
	wantIDs(t, render(t, declared), "render-failed")
}
