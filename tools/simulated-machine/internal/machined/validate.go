package machined

import (
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
)

// metal is the mode that Talos has on bare metal; it asks for an install disk until it is installed.
type metal struct{ installed bool }

func (metal) String() string          { return "metal" }
func (m metal) RequiresInstall() bool { return !m.installed }
func (metal) InContainer() bool       { return false }

// Validate parses a machine configuration and validates it for a bare machine that is not installed. Warnings and
// errors are the library's own words.
func Validate(content []byte) (config.Provider, []string, error) {
	cfg, err := configloader.NewFromBytes(content)
	if err != nil {
		return nil, nil, err
	}
	warnings, err := cfg.Validate(metal{})
	return cfg, warnings, err
}
