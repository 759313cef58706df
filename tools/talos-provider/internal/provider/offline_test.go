package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"gopkg.in/yaml.v3"
)

const machineConfigToken = "talos:machine/getConfiguration:getConfiguration"

func startFactory(t *testing.T, s *Server) *[]string {
	t.Helper()

	posted := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /schematics":
			body, _ := io.ReadAll(r.Body)
			posted = append(posted, string(body))
			sum := sha256.Sum256(body)
			json.NewEncoder(w).Encode(map[string]string{"id": hex.EncodeToString(sum[:])}) //nolint:errcheck // test
		case "GET /versions":
			json.NewEncoder(w).Encode([]string{"v1.11.2", "v1.12.0-alpha.1"}) //nolint:errcheck // test
		case "GET /version/v1.11.2/extensions/official":
			json.NewEncoder(w).Encode([]extension{{Name: "siderolabs/iscsi-tools"}, {Name: "siderolabs/i915"}}) //nolint:errcheck // test
		default:
			http.Error(w, "nothing here", http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)

	resp, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: wire(t, props(map[string]any{"imageFactoryUrl": server.URL})), AcceptSecrets: true,
	})
	must(t, err)
	equal(t, "acceptSecrets", resp.GetAcceptSecrets(), false)
	equal(t, "supportsPreview", resp.GetSupportsPreview(), true)

	return &posted
}

func TestUpdatedSchematicHasAStaleID(t *testing.T) {
	s := newServer(t)
	posted := startFactory(t, s)

	first := props(map[string]any{"schematic": "customization:\n  extraKernelArgs: [a=1]\n"})
	second := props(map[string]any{"schematic": "customization:\n  extraKernelArgs: [a=2]\n  nosuchthing: [b]\n"})

	id, state := create(t, s, schematicToken, first)
	equal(t, "id in outputs", stringOf(state, "id"), id)

	change := diff(t, s, schematicToken, state, second)
	equal(t, "diffs", strings.Join(change.GetDiffs(), " "), "schematic")
	equal(t, "replaced properties", len(change.GetReplaces()), 0)

	// An update response cannot carry an id; the new one is in the outputs, which programs do not see.
	updated := update(t, s, schematicToken, state, second, false)
	equal(t, "new id in outputs", stringOf(updated, "id") != id, true)
	equal(t, "unknown keys are dropped", strings.Contains((*posted)[1], "nosuchthing"), false)

	_, replaced := create(t, s, schematicToken, second)
	equal(t, "new id after replacement", stringOf(replaced, "id"), stringOf(updated, "id"))
}

func TestFactoryFunctions(t *testing.T) {
	s := newServer(t)
	startFactory(t, s)

	resp, err := invoke(t, s, "talos:imageFactory/getVersions:getVersions",
		props(map[string]any{"filters": map[string]any{"stableVersionsOnly": true}}))
	must(t, err)

	versions, _ := stringsOf(plain(t, resp.GetReturn()), "talosVersions")
	equal(t, "versions", strings.Join(versions, " "), "v1.11.2")

	resp, err = invoke(t, s, "talos:imageFactory/getExtensionsVersions:getExtensionsVersions",
		props(map[string]any{"talosVersion": "v1.11.2", "filters": map[string]any{"names": []any{"iscsi"}}}))
	must(t, err)
	equal(t, "extensions", len(plain(t, resp.GetReturn())["extensionsInfos"].ArrayValue()), 1)

	_, err = invoke(t, s, "talos:imageFactory/getExtensionsVersions:getExtensionsVersions",
		props(map[string]any{"talosVersion": "v9"}))
	if err == nil || err.Error() != "failed to get talos extensions versions: HTTP 404: nothing here" {
		t.Errorf("got %v", err)
	}
}

func TestGetURLs(t *testing.T) {
	s := newServer(t)

	resp, err := invoke(t, s, "talos:imageFactory/getUrls:getUrls",
		props(map[string]any{"talosVersion": "1.11.2", "schematicId": "abc", "platform": "metal"}))
	must(t, err)

	got := plain(t, resp.GetReturn())
	equal(t, "installer", stringOf(got, "urls.installer"), "factory.talos.dev/metal-installer/abc:v1.11.2")
	equal(t, "iso", stringOf(got, "urls.iso"), "https://factory.talos.dev/image/abc/v1.11.2/metal-amd64.iso")

	_, err = invoke(t, s, "talos:imageFactory/getUrls:getUrls", props(map[string]any{"talosVersion": "1.11.2", "schematicId": "abc"}))
	if err == nil {
		t.Error("want an error if neither platform nor sbc is set")
	}
}

func TestSecretsShapeAndMarks(t *testing.T) {
	s := newServer(t)

	resp, err := tryCreate(t, s, secretsToken, resource.PropertyMap{}, false)
	must(t, err)
	equal(t, "id", resp.GetId(), "machine_secrets")

	marked := raw(t, resp.GetProperties())
	state := plain(t, resp.GetProperties())
	equal(t, "default version", stringOf(state, "talosVersion"), "v1.11")

	for _, path := range resourceKinds[secretsToken].secrets {
		if path == "machineSecrets.secrets.aescbcEncryptionSecret" {
			continue // only in old Talos versions
		}

		if stringOf(state, path) == "" {
			t.Errorf("%s is empty", path)
		}

		if !at(marked, path).IsSecret() {
			t.Errorf("%s is not marked", path)
		}
	}

	for _, path := range []string{"machineSecrets.certs.os.cert", "machineSecrets.cluster.id", "clientConfiguration.caCertificate"} {
		if !at(marked, path).IsString() {
			t.Errorf("%s is not a plain string", path)
		}
	}
}

func TestNewTalosVersionMakesSecretsUnknownOnlyInPreview(t *testing.T) {
	s := newServer(t)
	state, _ := newSecrets(t, s)
	newer := props(map[string]any{"talosVersion": "v1.11.3"})

	preview := update(t, s, secretsToken, state, newer, true)
	equal(t, "machineSecrets in preview", preview["machineSecrets"].IsComputed(), true)
	equal(t, "clientConfiguration in preview", preview["clientConfiguration"].IsComputed(), true)

	updated := update(t, s, secretsToken, state, newer, false)
	equal(t, "version", stringOf(updated, "talosVersion"), "v1.11.3")
	equal(t, "same secrets", updated["machineSecrets"].DeepEquals(state["machineSecrets"]), true)
	equal(t, "same certificate", updated["clientConfiguration"].DeepEquals(state["clientConfiguration"]), true)
	equal(t, "no replacement", len(diff(t, s, secretsToken, state, newer).GetReplaces()), 0)

	older := diff(t, s, secretsToken, state, props(map[string]any{"talosVersion": "v1.11.1"}))
	equal(t, "replaced by an older version", strings.Join(older.GetReplaces(), " "), "talosVersion")
}

func TestRenewsTheClientCertificateInItsLastMonth(t *testing.T) {
	s := newServer(t)
	state, _ := newSecrets(t, s)
	inputs := props(map[string]any{"talosVersion": "v1.11.2"})

	equal(t, "fresh", diff(t, s, secretsToken, state, inputs).GetChanges(), pulumirpc.DiffResponse_DIFF_NONE)

	defer func() { now = time.Now }()

	now = func() time.Time { return time.Now().AddDate(0, 11, 10) }

	equal(t, "due", strings.Join(diff(t, s, secretsToken, state, inputs).GetDiffs(), " "), "clientConfiguration")

	updated := update(t, s, secretsToken, state, inputs, false)
	equal(t, "same CA", stringOf(updated, "clientConfiguration.caCertificate"), stringOf(state, "clientConfiguration.caCertificate"))
	equal(t, "new key", stringOf(updated, "clientConfiguration.clientKey") != stringOf(state, "clientConfiguration.clientKey"), true)
	equal(t, "same secrets", updated["machineSecrets"].DeepEquals(state["machineSecrets"]), true)
}

func TestImportsSecretsFromAFile(t *testing.T) {
	s := newServer(t)
	_, bundle := newSecrets(t, s)
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	content, err := yaml.Marshal(bundle)
	must(t, err)
	must(t, os.WriteFile(file, content, 0o600))

	read, err := s.Read(context.Background(), &pulumirpc.ReadRequest{Id: file, Urn: urnOf(secretsToken)})
	must(t, err)

	got := plain(t, read.GetProperties())
	equal(t, "cluster", stringOf(got, "machineSecrets.cluster.id"), bundle.Cluster.ID)
	equal(t, "version is always v1.3", stringOf(got, "talosVersion"), "v1.3")

	_, err = s.Read(context.Background(), &pulumirpc.ReadRequest{Id: "x", Urn: urnOf(kubeconfigToken)})
	if err == nil || !strings.Contains(err.Error(), "Resource Import Not Implemented") {
		t.Errorf("got %v", err)
	}
}

func TestMachineConfigurationDefaultsAndPatches(t *testing.T) {
	s := newServer(t)
	state, _ := newSecrets(t, s)
	args := resource.PropertyMap{
		"clusterName": resource.NewProperty("test"), "clusterEndpoint": resource.NewProperty("https://10.0.0.11:6443"),
		"machineType": resource.NewProperty("worker"), "machineSecrets": state["machineSecrets"],
	}

	resp, err := invoke(t, s, machineConfigToken, args)
	must(t, err)
	equal(t, "contains secret marks", raw(t, resp.GetReturn()).ContainsSecrets(), false)

	got := plain(t, resp.GetReturn())
	equal(t, "id", stringOf(got, "id"), "test")
	equal(t, "talosVersion", stringOf(got, "talosVersion"), "v1.11")
	equal(t, "kubernetesVersion", stringOf(got, "kubernetesVersion"), "1.34.1")

	config, err := configloader.NewFromBytes([]byte(stringOf(got, "machineConfiguration")))
	must(t, err)
	equal(t, "disk", config.RawV1Alpha1().MachineConfig.MachineInstall.InstallDisk, "/dev/sda")
	equal(t, "image", config.RawV1Alpha1().MachineConfig.MachineInstall.InstallImage, "ghcr.io/siderolabs/installer:v1.13.0")

	_, err = invoke(t, s, machineConfigToken, with(args, map[string]any{"configPatches": []any{
		"apiVersion: v1alpha1\nkind: EthernetConfig\nname: eno1\nrings:\n  rx: 4096\n",
		`[{"op":"replace","path":"/machine/install/disk","value":"/dev/nvme0n1"}]`,
	}}))
	if err == nil || !strings.Contains(err.Error(), "JSON6902 patches are not supported for multi-document machine configuration") {
		t.Errorf("JSON patch after a second document: %v", err)
	}

	resp, err = invoke(t, s, machineConfigToken, with(args, map[string]any{"configPatches": []any{
		`[{"op":"replace","path":"/machine/install/disk","value":"/dev/nvme0n1"}]`,
		"apiVersion: v1alpha1\nkind: EthernetConfig\nname: eno1\nrings:\n  rx: 4096\n",
	}}))
	must(t, err)

	config, err = configloader.NewFromBytes([]byte(stringOf(plain(t, resp.GetReturn()), "machineConfiguration")))
	must(t, err)
	equal(t, "patched disk", config.RawV1Alpha1().MachineConfig.MachineInstall.InstallDisk, "/dev/nvme0n1")
	equal(t, "documents", len(config.Documents()), 2)
}

func TestMachineConfigurationErrors(t *testing.T) {
	s := newServer(t)
	state, _ := newSecrets(t, s)
	good := resource.PropertyMap{
		"clusterName": resource.NewProperty("test"), "clusterEndpoint": resource.NewProperty("https://10.0.0.11:6443"),
		"machineType": resource.NewProperty("worker"), "machineSecrets": state["machineSecrets"],
	}

	for want, change := range map[string]map[string]any{
		"the control plane endpoint URL should have scheme https://\ntry: \"https://10.0.0.11:6443\"": {"clusterEndpoint": "http://10.0.0.11:6443"},
		"try: \"https://api.example.org:6443\"":                                                       {"clusterEndpoint": "api.example.org"},
		"config_patches are invalid: ":                                                                {"configPatches": []any{"machine:\n  nosuchkey: 1\n"}},
		"Invalid version: error parsing version \"vx\"":                                               {"talosVersion": "x"},
		`must be one of: ["controlplane" "worker"]`:                                                   {"machineType": "init"},
	} {
		if _, err := invoke(t, s, machineConfigToken, with(good, change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", change, err, want)
		}
	}

	resp, err := invoke(t, s, machineConfigToken, with(good, map[string]any{"clusterName": nil}))
	must(t, err)
	equal(t, "failures", resp.GetFailures()[0].GetReason(), "Missing required property 'clusterName'")
}

func TestClientConfigurationIsATalosconfig(t *testing.T) {
	s := newServer(t)
	state, _ := newSecrets(t, s)

	resp, err := invoke(t, s, "talos:client/getConfiguration:getConfiguration", resource.PropertyMap{
		"clusterName": resource.NewProperty("test"), "clientConfiguration": state["clientConfiguration"],
		"endpoints": resource.NewProperty([]resource.PropertyValue{resource.NewProperty("10.0.0.11")}),
	})
	must(t, err)

	config, err := clientconfig.FromString(stringOf(plain(t, resp.GetReturn()), "talosConfig"))
	must(t, err)
	equal(t, "context", config.Context, "test")
	equal(t, "endpoint", config.Contexts["test"].Endpoints[0], "10.0.0.11")
}

func TestRejectsUnknownTokensByName(t *testing.T) {
	s := newServer(t)
	want := "not supported by the lab's stand-in for the Talos provider 0.8.1; use the official provider"

	if _, err := invoke(t, s, "talos:cluster/getHealth:getHealth", nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}

	if _, err := tryCreate(t, s, "talos:machine/other:Other", nil, false); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestCheck(t *testing.T) {
	s := newServer(t)

	check := func(token string, inputs resource.PropertyMap) (*pulumirpc.CheckResponse, error) {
		return s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urnOf(token), News: wire(t, inputs)})
	}

	resp, err := check(applyToken, resource.PropertyMap{})
	must(t, err)
	equal(t, "failure", resp.GetFailures()[0].GetReason(), "Missing required property 'node'")

	node := props(map[string]any{"node": "10.0.0.11", "misspelt": "ignored"})
	_, err = check(applyToken, node)

	if err == nil || !strings.HasPrefix(err.Error(), "Missing machine configuration input: Exactly one of") {
		t.Errorf("got %v", err)
	}

	full := with(node, map[string]any{
		"machineConfigurationInput": "x", "applyMode": "try",
		"clientConfiguration": map[string]any{"caCertificate": "", "clientCertificate": "", "clientKey": "k"},
	})
	if _, err = check(applyToken, full); err == nil || !strings.Contains(err.Error(), `got: "try"`) {
		t.Errorf("got %v", err)
	}

	resp, err = check(applyToken, with(full, map[string]any{"applyMode": "auto"}))
	must(t, err)

	inputs := raw(t, resp.GetInputs())
	equal(t, "input is secret", inputs["machineConfigurationInput"].IsSecret(), true)
	equal(t, "key is secret", inputs["clientConfiguration"].ObjectValue()["clientKey"].IsSecret(), true)

	info, err := s.GetPluginInfo(context.Background(), nil)
	must(t, err)
	equal(t, "version", info.GetVersion(), "0.8.1")
}
