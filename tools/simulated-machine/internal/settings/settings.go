// Package settings is the configuration of one simulated machine: who it is, where it listens, what it may run.
package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// Binaries are absolute paths of what a control plane runs.
type Binaries struct {
	Etcd              string `json:"etcd"`
	APIServer         string `json:"kube-apiserver"`
	ControllerManager string `json:"kube-controller-manager"`
	Scheduler         string `json:"kube-scheduler"`
	Kwok              string `json:"kwok"`
}

// Link is a network card's port.
type Link struct {
	// Name is the kernel's, for example enp1s0f0np0.
	Name string `json:"name"`
	// HardwareAddr is its permanent address, for example f8:f2:1e:20:57:01.
	HardwareAddr string `json:"hardwareAddr"`
	Driver       string `json:"driver"`
	BusPath      string `json:"busPath"`
}

// Settings of one simulated machine, as the lab writes them.
type Settings struct {
	// Name is the node's name, for logs; the host name itself comes from the machine configuration.
	Name string `json:"name"`
	// Address is the node's own address, for example 10.25.11.11. Nothing listens on it.
	Address string `json:"address"`
	// Listen is where the Talos API is served, for example 127.25.11.11:50000.
	Listen string `json:"listen"`
	// APIListen is where kube-apiserver is served, for example 127.25.11.11:6443.
	APIListen string `json:"apiListen"`
	// HealthPort serves /healthz on 127.0.0.1.
	HealthPort int `json:"healthPort"`
	// StateDir keeps what a real machine keeps on disk.
	StateDir string `json:"stateDir"`
	// LogDir holds one log for each child process.
	LogDir string `json:"logDir"`
	// Peers maps every node address of the cluster to its loopback address.
	Peers map[string]string `json:"peers"`
	// Binaries of the control plane.
	Binaries Binaries `json:"binaries"`
	// APIServerOn is "first" (the bootstrapped machine alone) or "all" control planes.
	APIServerOn string `json:"apiServerOn"`
	// Links are the machine's network hardware.
	Links []Link `json:"links"`
	// TalosVersion is reported by the Version call and, in maintenance mode too, by the Version resource.
	TalosVersion string `json:"talosVersion"`
	// PodCIDR is informational; the machine configuration decides.
	PodCIDR string `json:"podCIDR"`
	// EgressSocket is the Unix socket (may be abstract, "@name") of the lab's HTTP CONNECT proxy into the pod network; empty for none.
	EgressSocket string `json:"egressSocket"`
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
