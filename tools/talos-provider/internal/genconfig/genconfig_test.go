package genconfig

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func run(t *testing.T, request map[string]any) (response, string) {
	t.Helper()

	base := map[string]any{
		"clusterName": "test", "clusterEndpoint": "https://10.0.0.11:6443", "machineType": "controlplane",
		"talosVersion": "v1.11.2", "kubernetesVersion": "v1.34.1", "patches": []string{},
	}
	for key, value := range request {
		base[key] = value
	}

	input, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	if err := Run(bytes.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}

	var got response
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}

	return got, out.String()
}

func TestValidConfiguration(t *testing.T) {
	got, text := run(t, map[string]any{"patches": []string{"machine:\n  install:\n    disk: /dev/nvme0n1\n"}})

	if !got.Valid || len(got.Errors)+len(got.Warnings) != 0 || strings.Join(got.Documents, " ") != "v1alpha1" {
		t.Errorf("got %s", text)
	}

	for _, secret := range []string{"PRIVATE", "token", "LS0t"} {
		if strings.Contains(text, secret) {
			t.Errorf("the response contains %q", secret)
		}
	}
}

func TestInvalidConfigurations(t *testing.T) {
	for want, patch := range map[string]string{
		"unknown keys found during decoding":          "machine:\n  nosuchkey: 1\n",
		`"HostnameConfig" "v1alpha1": not registered`: "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n",
		"bond": "machine:\n  network:\n    interfaces:\n      - interface: bond0\n        bond: {mode: nosuchmode, interfaces: [eth0]}\n",
	} {
		got, text := run(t, map[string]any{"patches": []string{patch}})
		if got.Valid || !strings.Contains(strings.Join(got.Errors, "\n"), want) {
			t.Errorf("%s: got %s", patch, text)
		}
	}
}

func TestUnreadableRequest(t *testing.T) {
	err := Run(strings.NewReader(`{"cluster": "x"}`), &bytes.Buffer{})
	if err == nil || err.Error() != `genconfig: invalid request on stdin: json: unknown field "cluster"` {
		t.Errorf("got %v", err)
	}
}

func TestSeveralMachines(t *testing.T) {
	var out bytes.Buffer

	machine := `{"name":"a","clusterName":"t","clusterEndpoint":"https://x:6443","machineType":"worker","talosVersion":"v1.11.2"}`
	if err := Run(strings.NewReader("["+machine+","+machine+"]"), &out); err != nil {
		t.Fatal(err)
	}

	var got []response
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 2 || got[1].Name != "a" || !got[1].Valid {
		t.Errorf("%v: %s", err, out.String())
	}
}
