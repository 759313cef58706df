package genconfig

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// run passes machines through a command. Each is completed to one that is valid apart from its install disk.
func run[Answer any](t *testing.T, command string, machines ...map[string]any) ([]Answer, string) {
	t.Helper()

	for _, machine := range machines {
		if command == "validate" {
			continue
		}

		for key, value := range map[string]any{
			"clusterName": "test", "clusterEndpoint": "https://10.0.0.11:6443", "machineType": "controlplane",
			"talosVersion": "v1.11.2", "kubernetesVersion": "v1.34.1",
		} {
			if _, ok := machine[key]; !ok {
				machine[key] = value
			}
		}
	}

	input, err := json.Marshal(machines)
	if err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	if err := Run(command, bytes.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}

	var answers []Answer
	if err := json.Unmarshal(out.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}

	return answers, out.String()
}

func TestValidConfiguration(t *testing.T) {
	got, text := run[response](t, "", map[string]any{"patches": []string{"machine:\n  install:\n    disk: /dev/nvme0n1\n"}})

	if !got[0].Valid || len(got[0].Errors)+len(got[0].Warnings) != 0 || strings.Join(got[0].Documents, " ") != "v1alpha1" {
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
		"bond":                       "machine:\n  network:\n    interfaces:\n      - interface: bond0\n        bond: {mode: nosuchmode, interfaces: [eth0]}\n",
		"kubelet image is not valid": "machine:\n  kubelet:\n    image: ghcr.io/siderolabs/kubelet\n",
	} {
		got, text := run[response](t, "", map[string]any{"patches": []string{patch}})
		if got[0].Valid || !strings.Contains(strings.Join(got[0].Errors, "\n"), want) {
			t.Errorf("%s: got %s", patch, text)
		}
	}
}

func TestUnreadableRequest(t *testing.T) {
	for command, want := range map[string]string{
		"":      `genconfig: invalid request on stdin: json: unknown field "cluster"`,
		"check": `genconfig: unknown command "check"; use generate or validate`,
	} {
		err := Run(command, strings.NewReader(`[{"cluster": "x"}]`), &bytes.Buffer{})
		if err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
	}
}

func TestSeveralMachines(t *testing.T) {
	got, text := run[response](t, "", map[string]any{"name": "a"}, map[string]any{"name": "b", "machineType": "worker"})
	if len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" || !got[1].Valid {
		t.Errorf("got %s", text)
	}
}

func TestGeneratedConfiguration(t *testing.T) {
	first, text := run[generated](t, "generate", map[string]any{"name": "a"})
	second, _ := run[generated](t, "generate", map[string]any{"name": "a"})

	if len(first[0].Errors) != 0 || first[0].Configuration == second[0].Configuration {
		t.Errorf("got %s", text)
	}

	if first[0].Masked != second[0].Masked {
		t.Error("the masked configuration differs from run to run")
	}

	for _, secret := range []string{"PRIVATE", "LS0t", "token: a"} {
		if strings.Contains(first[0].Masked, secret) {
			t.Errorf("the masked configuration contains %q", secret)
		}
	}

	for _, kept := range []string{"token: '***'", "clusterName: test", "type: controlplane"} {
		if !strings.Contains(first[0].Masked, kept) {
			t.Errorf("the masked configuration lacks %q:\n%s", kept, first[0].Masked)
		}
	}

	valid, text := run[response](t, "validate", map[string]any{"name": "a", "configuration": first[0].Configuration})
	if !valid[0].Valid || valid[0].Name != "a" {
		t.Errorf("got %s", text)
	}
}

func TestConfigurationThatCannotBeGenerated(t *testing.T) {
	got, _ := run[generated](t, "generate", map[string]any{"patches": []string{"- op: nonsense"}})
	if got[0].Configuration != "" || len(got[0].Errors) != 1 {
		t.Errorf("got %+v", got[0])
	}
}
