package machined

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// system is an installed Talos: what its installer image says.
type system struct {
	// Version is the image's tag, for example v1.11.2.
	Version string `json:"version"`
	// Schematic is its id at the image factory; empty for an image that is not from one.
	Schematic string `json:"schematic,omitempty"`
	// Platform is `metal` for every machine that can boot here.
	Platform   string `json:"platform"`
	SecureBoot bool   `json:"secureBoot,omitempty"`
}

// Image factory: <registry>/<platform>-installer[-secureboot]/<schematic>:<tag>, before Talos 1.10 without the platform.
// Without a factory: <registry>/<…>/installer:<tag>.
var (
	factoryImage = regexp.MustCompile(`^[^@]+/(?:([a-z0-9]+)-)?installer(-secureboot)?/([0-9a-f]{64}):(v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:@sha256:[0-9a-f]{64})?$`)
	plainImage   = regexp.MustCompile(`^[^@]+/installer:(v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:@sha256:[0-9a-f]{64})?$`)
)

// parseInstaller returns the system that an installer image installs. The error is what containerd says about an image that
// does not exist.
func parseInstaller(image string) (system, error) {
	if parts := factoryImage.FindStringSubmatch(image); parts != nil {
		platform := parts[1]
		if platform == "" {
			platform = "metal"
		}
		return system{Version: parts[4], Schematic: parts[3], Platform: platform, SecureBoot: parts[2] != ""}, nil
	}
	if parts := plainImage.FindStringSubmatch(image); parts != nil {
		return system{Version: parts[1], Platform: "metal"}, nil
	}
	return system{}, notPulled(image)
}

// notPulled is the error of a pull of an image that the registry does not have.
func notPulled(image string) error {
	return fmt.Errorf("failed to pull image %q: failed to resolve reference %q: %s: not found", image, image, image)
}

func (m *Machine) systemFile() string { return filepath.Join(m.Settings.StateDir, "system.json") }

// installedSystem reads what is on the system disk; ok is false if nothing is installed.
func (m *Machine) installedSystem() (found system, ok bool, err error) {
	content, err := os.ReadFile(m.systemFile())
	if errors.Is(err, fs.ErrNotExist) {
		return system{}, false, nil
	}
	if err != nil {
		return system{}, false, err
	}
	if err := json.Unmarshal(content, &found); err != nil {
		return system{}, false, fmt.Errorf("%s: %w", m.systemFile(), err)
	}
	return found, true, nil
}

func (m *Machine) saveSystem(s system) error {
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeFile(m.systemFile(), content)
}

// bootSystem returns the system that boots now: the installed one, else that of the boot medium. A machine with a
// configuration but without a record is installed here, as its configuration says: only the first boot does that, later
// changes of machine.install have no effect.
func (m *Machine) bootSystem(cfg config.Provider) (system, error) {
	found, ok, err := m.installedSystem()
	if err != nil || ok {
		return found, err
	}
	medium := system{Version: m.Settings.TalosVersion, Platform: "metal"}
	if cfg == nil || cfg.Machine() == nil || cfg.Machine().Install() == nil {
		return medium, nil
	}
	installed, err := parseInstaller(cfg.Machine().Install().Image())
	if err != nil {
		// A real machine tries forever; this one runs what it was booted from.
		m.Logger.Printf("simulated installation: %v; keeping %s", err, medium.Version)
		return medium, nil
	}
	return installed, m.saveSystem(installed)
}
