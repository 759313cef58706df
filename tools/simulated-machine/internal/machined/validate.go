package machined

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// metal is the bare-metal mode of Talos; it requires an install disk until the machine is installed.
type metal struct{ installed bool }

func (metal) String() string          { return "metal" }
func (m metal) RequiresInstall() bool { return !m.installed }
func (metal) InContainer() bool       { return false }

// Validate parses a machine configuration and validates it for bare metal that is not installed yet. Warnings and errors
// come from the library.
func Validate(content []byte) (config.Provider, []string, error) {
	cfg, err := configloader.NewFromBytes(content)
	if err != nil {
		return nil, nil, err
	}
	warnings, err := cfg.Validate(metal{})
	return cfg, warnings, err
}
