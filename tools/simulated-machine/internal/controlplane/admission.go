package controlplane

import (
	"encoding/json"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// admissionConfig writes the admission plugin configuration from the machine configuration (Talos uses it to enforce the
// baseline Pod Security Standard) and returns its path, empty if there is none. The file is JSON, which is valid YAML.
func (r *Runner) admissionConfig(cfg config.Provider) (string, error) {
	server := cfg.Cluster().APIServer()
	if server == nil || len(server.AdmissionControl()) == 0 {
		return "", nil
	}
	type plugin struct {
		Name          string         `json:"name"`
		Configuration map[string]any `json:"configuration"`
	}
	var plugins []plugin
	for _, configured := range server.AdmissionControl() {
		plugins = append(plugins, plugin{Name: configured.Name(), Configuration: configured.Configuration()})
	}
	content, err := json.Marshal(map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1",
		"kind":       "AdmissionConfiguration",
		"plugins":    plugins,
	})
	if err != nil {
		return "", err
	}
	return r.pki.path("admission.yaml"), r.pki.write("admission.yaml", content)
}
