package machined

import (
	"context"
	"encoding/json"
	"os"
	"time"
)

// Words of the fault file.
const (
	// upgradeFallsBack boots the system from before the upgrade, as Talos does when the new one's machined fails.
	upgradeFallsBack = "falls-back"
	// upgradeHangs leaves the machine without a boot until the fault is removed.
	upgradeHangs = "does-not-return"
	powerOff     = "off"
)

// fault is how a machine misbehaves. The file is read whenever it matters, so a test can change it at any time.
type fault struct {
	// Upgrade is the end of every upgrade: falls-back or does-not-return.
	Upgrade string `json:"upgrade"`
	// Power `off` takes the machine's power away, for as long as the file says so: its processes are killed.
	Power string `json:"power"`
	// BootSeconds is how long a boot takes.
	BootSeconds int `json:"bootSeconds"`
	// Unpullable are substrings of images that the registry does not have.
	Unpullable []string `json:"unpullable"`
}

// faults reads this machine's entry of the fault file; a file that is missing or half written counts as none.
func (m *Machine) faults() fault {
	if m.Settings.FaultFile == "" {
		return fault{}
	}
	content, err := os.ReadFile(m.Settings.FaultFile)
	if err != nil {
		return fault{}
	}
	var all map[string]fault
	if err := json.Unmarshal(content, &all); err != nil {
		return fault{}
	}
	return all[m.Settings.Name]
}

const faultInterval = 300 * time.Millisecond

// watchPower ends the boot when the fault file takes the power away.
func (m *Machine) watchPower(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(faultInterval):
		}
		if m.faults().Power == powerOff {
			m.end(transition{reason: "loss of power", powerOff: true})
			return
		}
	}
}

// awaitPower returns when nothing keeps the machine down: neither its power nor, after an upgrade, a system that hangs.
func (m *Machine) awaitPower(ctx context.Context, upgraded bool) {
	for said := false; ; said = true {
		f := m.faults()
		if f.Power != powerOff && !(upgraded && f.Upgrade == upgradeHangs) {
			return
		}
		if !said {
			m.Logger.Printf("simulated boot: the fault file keeps this machine down")
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(faultInterval):
		}
	}
}
