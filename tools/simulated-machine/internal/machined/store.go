package machined

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

func (m *Machine) configFile() string { return filepath.Join(m.Settings.StateDir, "config.yaml") }

// certificateFile contains a worker's certificate and key; control planes issue their own.
func (m *Machine) certificateFile() string { return filepath.Join(m.Settings.StateDir, "apid.pem") }

// loadConfig reads the saved configuration, nil if there is none.
func (m *Machine) loadConfig() (config.Provider, error) {
	content, err := os.ReadFile(m.configFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cfg, err := configloader.NewFromBytes(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.configFile(), err)
	}
	return cfg, nil
}

func (m *Machine) saveConfig(cfg config.Provider) error {
	content, err := cfg.Bytes()
	if err != nil {
		return err
	}
	return writeFile(m.configFile(), content)
}

// writeFile replaces a file atomically, readable only by its owner.
func writeFile(file string, content []byte) error {
	temporary := file + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}

// hostname returns the configured hostname, or the machine's own name.
func (m *Machine) hostname(cfg config.Provider) string {
	if cfg != nil && cfg.Machine() != nil {
		if network := cfg.Machine().Network(); network != nil && network.Hostname() != "" {
			return network.Hostname()
		}
	}
	return m.Settings.Name
}
