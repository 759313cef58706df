// Package settings is the configuration of one simulated machine.
package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// Binaries are the absolute paths of the control plane's binaries.
type Binaries struct {
	Etcd string `json:"etcd"`
	Kwok string `json:"kwok"`
	// Kubernetes holds, by version (`v1.34.1`), the paths of kube-apiserver, kube-controller-manager and kube-scheduler by
	// name. The images of these versions, and kubelets of these versions, are all that a machine can pull.
	Kubernetes map[string]map[string]string `json:"kubernetes"`
}

// Link is a port of a network card.
type Link struct {
	// Name is the kernel's interface name, for example enp1s0f0np0.
	Name string `json:"name"`
	// HardwareAddr is its permanent address, for example f8:f2:1e:20:57:01.
	HardwareAddr string `json:"hardwareAddr"`
	Driver       string `json:"driver"`
	BusPath      string `json:"busPath"`
}

// Settings are the settings of one simulated machine, as written by the lab.
type Settings struct {
	// Name is the node's name, for logs; the hostname comes from the machine configuration.
	Name string `json:"name"`
	// Address is the node's own address, for example 10.25.11.11. Nothing listens on it.
	Address string `json:"address"`
	// Listen is the address of the Talos API, for example 127.25.11.11:50000.
	Listen string `json:"listen"`
	// APIListen is the address of kube-apiserver, for example 127.25.11.11:6443.
	APIListen string `json:"apiListen"`
	// HealthPort is the port of /healthz on 127.0.0.1.
	HealthPort int `json:"healthPort"`
	// StateDir holds what a real machine stores on disk.
	StateDir string `json:"stateDir"`
	// LogDir contains one log file per child process.
	LogDir string `json:"logDir"`
	// Peers maps every node address of the cluster to its loopback address.
	Peers map[string]string `json:"peers"`
	// Binaries are the binaries of the control plane.
	Binaries Binaries `json:"binaries"`
	// APIServerOn is "first" (only the bootstrapped machine, and the first one) or "all" (every control plane).
	APIServerOn string `json:"apiServerOn"`
	// First is true for the first control plane: it runs an API server even after it lost its data.
	First bool `json:"first"`
	// Links are the machine's network hardware.
	Links []Link `json:"links"`
	// TalosVersion is the version of the boot medium, which runs until something is installed.
	TalosVersion string `json:"talosVersion"`
	// PodCIDR is informational; the machine configuration is authoritative.
	PodCIDR string `json:"podCIDR"`
	// EgressSocket is the Unix socket (or abstract socket, "@name") of the lab's HTTP CONNECT proxy into the pod network; empty for none.
	EgressSocket string `json:"egressSocket"`
	// FaultFile says how machines misbehave (lab/machines/faults.ts); empty for none. It may be missing, and may change.
	FaultFile string `json:"faultFile"`
}

// Load reads settings from a JSON file. Unknown keys are an error.
func Load(file string) (Settings, error) {
	var s Settings
	handle, err := os.Open(file)
	if err != nil {
		return s, err
	}
	defer handle.Close() //nolint:errcheck
	decoder := json.NewDecoder(handle)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	if s.Address == "" || s.Listen == "" || s.StateDir == "" {
		return s, fmt.Errorf("%s: address, listen and stateDir are required", file)
	}
	return s, nil
}
