package machined

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
)

func (s *configured) Reboot(context.Context, *machine.RebootRequest) (*machine.RebootResponse, error) {
	actor := uuid.NewString()
	go s.boot.run(sequenceReboot, actor, s.boot.rebootPhases(transition{reason: "reboot"}))
	return &machine.RebootResponse{Messages: []*machine.Reboot{{ActorId: actor}}}, nil
}

// rebootPhases drain nothing, as on a real machine.
func (b *boot) rebootPhases(next transition) []phase {
	phases := []phase{one("cleanup", "stopAllPods", b.stopPods), one("dbus", "stopDBus", instant)}
	return slices.Concat(phases, b.stopAll(next, true))
}

// systemVolumes are the volumes that a reset can name.
var systemVolumes = []string{"EFI", "BIOS", "BOOT", "META", "STATE", "EPHEMERAL", "IMAGECACHE"}

// Reset wipes what the request asks for and reboots. Without `reboot` a real machine would stay powered off; this one
// boots anyway, because no one can press its power button.
func (s *configured) Reset(ctx context.Context, in *machine.ResetRequest) (*machine.ResetResponse, error) {
	if err := s.checkUserDisks(ctx, in); err != nil {
		return nil, err
	}
	partitions := in.GetSystemPartitionsToWipe()
	if len(partitions) > 0 && in.GetMode() == machine.ResetRequest_USER_DISKS {
		return nil, errors.New("reset failed: invalid input, wipe mode USER_DISKS doesn't support SystemPartitionsToWipe parameter")
	}
	everything := len(partitions) == 0 && in.GetMode() != machine.ResetRequest_USER_DISKS
	next := transition{reason: "reset", wipeState: everything, wipeEphemeral: everything, wipeSystem: everything}
	for _, partition := range partitions {
		label := partition.GetLabel()
		if !slices.Contains(systemVolumes, label) {
			return nil, fmt.Errorf("failed to get volume status with label %q: resource VolumeStatuses.block.talos.dev(runtime/%s@undefined) doesn't exist", label, label)
		}
		next.wipeState = next.wipeState || (label == "STATE" && partition.GetWipe())
		next.wipeEphemeral = next.wipeEphemeral || (label == "EPHEMERAL" && partition.GetWipe())
		// Without its boot partition the machine boots from its medium again.
		next.wipeSystem = next.wipeSystem || ((label == "BOOT" || label == "EFI") && partition.GetWipe())
	}
	actor := uuid.NewString()
	go s.boot.run(sequenceReset, actor, s.resetPhases(in, next))
	return &machine.ResetResponse{Messages: []*machine.Reset{{ActorId: actor}}}, nil
}

func (s *configured) resetPhases(in *machine.ResetRequest, next transition) []phase {
	var phases []phase
	if in.GetGraceful() {
		phases = append(phases, one("drain", "cordonAndDrainNode", s.boot.logged(s.boot.cordonAndDrain)),
			one("cleanup", "removeAllPods", s.boot.stopPods))
	} else {
		phases = append(phases, one("cleanup", "stopAllPods", s.boot.stopPods))
	}
	phases = append(phases, one("dbus", "stopDBus", instant))
	if in.GetGraceful() && !s.worker() {
		phases = append(phases, one("leave", "leaveEtcd", s.leaveEtcd))
	}
	phases = append(phases, one("preReset", "sendResetSignal", instant))
	return slices.Concat(phases, s.boot.stopAll(next, len(in.GetSystemPartitionsToWipe()) > 0 && !next.wipeSystem))
}

func (s *configured) leaveEtcd(ctx context.Context) error {
	if err := s.boot.machine.Runner.Leave(ctx); err != nil {
		return fmt.Errorf("failed to leave cluster: %w", err)
	}
	return nil
}

func (s *configured) checkUserDisks(ctx context.Context, in *machine.ResetRequest) error {
	wanted := in.GetUserDisksToWipe()
	if len(wanted) == 0 {
		return nil
	}
	if in.GetMode() == machine.ResetRequest_SYSTEM_DISK {
		return errors.New("reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter")
	}
	found, err := safe.StateListAll[*block.Disk](ctx, s.boot.state)
	if err != nil {
		return fmt.Errorf("listing disks failed: %w", err)
	}
	var disks []string
	for disk := range found.All() {
		disks = append(disks, disk.TypedSpec().DevPath)
	}
	for _, disk := range wanted {
		switch {
		case !slices.Contains(disks, disk):
			return fmt.Errorf("reset user disk failed: device %s wasn't found", disk)
		case disk == systemDisk:
			return fmt.Errorf("reset user disk failed: device %s is the system disk", disk)
		}
	}
	return nil
}
