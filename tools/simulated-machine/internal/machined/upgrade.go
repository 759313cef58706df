package machined

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// Upgrade checks the image and, without `force`, etcd; then it is acknowledged, before the sequence has even started.
func (s *configured) Upgrade(ctx context.Context, in *machine.UpgradeRequest) (*machine.UpgradeResponse, error) {
	m := s.boot.machine
	m.Logger.Printf("simulated upgrade request received: staged %v, force %v, reboot mode %v, image %s", in.GetStage(), in.GetForce(), in.GetRebootMode(), in.GetImage())
	wanted, err := m.pullInstaller(in.GetImage())
	if err != nil {
		return nil, fmt.Errorf("error validating installer image %q: %w", in.GetImage(), err)
	}
	if !s.worker() && !in.GetForce() {
		if err := m.Runner.Etcd().ValidateForUpgrade(ctx); err != nil {
			return nil, fmt.Errorf("error validating etcd for upgrade: %w", err)
		}
	}
	actor := uuid.NewString()
	sequence, phases := sequenceUpgrade, s.upgradePhases(in, wanted)
	if in.GetStage() {
		sequence, phases = sequenceStageUpgrade, s.stageUpgradePhases(in, wanted)
	}
	go s.boot.run(sequence, actor, phases)
	return &machine.UpgradeResponse{Messages: []*machine.Upgrade{{Ack: "Upgrade request received", ActorId: actor}}}, nil
}

func (m *Machine) pullInstaller(image string) (system, error) {
	for _, part := range m.faults().Unpullable {
		if strings.Contains(image, part) {
			return system{}, notPulled(image)
		}
	}
	return parseInstaller(image)
}

func (s *configured) upgradePhases(in *machine.UpgradeRequest, wanted system) []phase {
	b := s.boot
	next := transition{reason: "upgrade to " + wanted.Version, upgrade: &wanted}
	stop := b.stopAll(next, in.GetRebootMode() == machine.UpgradeRequest_DEFAULT)
	// The installer runs when the ephemeral partition is unmounted, before kexec and the rest.
	before := slices.IndexFunc(stop, func(p phase) bool { return p.name == "volumeFinalize" }) + 1
	return slices.Concat(
		[]phase{
			one("drain", "cordonAndDrainNode", b.cordonAndDrain),
			one("cleanup", "stopAllPods", b.stopPods),
			one("dbus", "stopDBus", instant),
		},
		stop[:before],
		[]phase{one("upgrade", "upgrade", b.pretend), one("meta", "reloadMeta", instant)},
		stop[before:],
	)
}

// stageUpgradePhases reboot immediately; the real machine's next boot installs and reboots again, without a drain.
func (s *configured) stageUpgradePhases(in *machine.UpgradeRequest, wanted system) []phase {
	b := s.boot
	next := transition{reason: "staged upgrade to " + wanted.Version, upgrade: &wanted}
	phases := []phase{one("cleanup", "stopAllPods", b.stopPods), one("dbus", "stopDBus", instant)}
	return slices.Concat(phases, b.stopAll(next, in.GetRebootMode() == machine.UpgradeRequest_DEFAULT))
}
