package machined

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

var errMaintenance = status.Error(codes.Unimplemented, "API is not implemented in maintenance mode")

// maintenance is the machine service of a machine without a configuration.
type maintenance struct {
	machine.UnimplementedMachineServiceServer
	boot *boot
}

// ApplyConfiguration installs the machine and reboots into the configuration. As in Talos, a document that cannot be
// parsed is an error without a code: a client that retries everything but InvalidArgument keeps retrying.
func (s *maintenance) ApplyConfiguration(
	ctx context.Context, in *machine.ApplyConfigurationRequest,
) (*machine.ApplyConfigurationResponse, error) {
	m := s.boot.machine
	modes := []machine.ApplyConfigurationRequest_Mode{
		machine.ApplyConfigurationRequest_AUTO, machine.ApplyConfigurationRequest_REBOOT, machine.ApplyConfigurationRequest_TRY,
	}
	if !slices.Contains(modes, in.GetMode()) {
		return nil, status.Errorf(codes.Unimplemented, "apply configuration --mode='%s' is not supported in maintenance mode",
			strings.ReplaceAll(strings.ToLower(in.GetMode().String()), "_", "-"))
	}
	cfg, err := configloader.NewFromBytes(in.GetData())
	if err != nil {
		return nil, fmt.Errorf("failed to parse config: %w", err)
	}
	warnings, err := cfg.Validate(metal{})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "configuration validation failed: %s", err)
	}
	more, err := cfg.RuntimeValidate(ctx, s.boot.state, metal{})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "runtime configuration validation failed: %s", err)
	}
	if err := s.checkInstallDisk(ctx, cfg); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "configuration validation failed: %s", err)
	}
	result := &machine.ApplyConfiguration{Warnings: slices.Concat(warnings, more)}
	response := &machine.ApplyConfigurationResponse{Messages: []*machine.ApplyConfiguration{result}}
	if in.GetDryRun() {
		result.ModeDetails = "Dry run summary:\nNode is running in maintenance mode and does not have a config yet."
		return response, nil
	}
	if !cfg.CompleteForBoot() {
		// A real machine accepts a partial configuration and waits in maintenance mode for the rest. The lab never sends one.
		return nil, status.Error(codes.Unimplemented, "the simulated Talos machine accepts complete configurations only")
	}
	if err := m.saveConfig(cfg); err != nil {
		return nil, status.Errorf(codes.Internal, "failed to save the configuration: %s", err)
	}
	m.Logger.Printf("simulated apply of a configuration in maintenance mode: %s, hostname %s", cfg.Machine().Type(), m.hostname(cfg))
	m.reboot(transition{reason: "installation and reboot", installation: true})
	return response, nil
}

// checkInstallDisk rejects a disk that this machine does not have, with the error of earlier Talos versions; since 1.8 a
// real machine accepts the configuration and fails during installation.
func (s *maintenance) checkInstallDisk(ctx context.Context, cfg config.Provider) error {
	if cfg.RawV1Alpha1() == nil || cfg.RawV1Alpha1().MachineConfig == nil || cfg.RawV1Alpha1().MachineConfig.MachineInstall == nil {
		return nil
	}
	wanted := cfg.RawV1Alpha1().MachineConfig.MachineInstall.InstallDisk
	if wanted == "" {
		return nil
	}
	found, err := safe.StateListAll[*block.Disk](ctx, s.boot.state)
	if err != nil {
		return err
	}
	for disk := range found.All() {
		if disk.TypedSpec().DevPath == wanted {
			return nil
		}
	}
	return fmt.Errorf("specified install disk does not exist: %q", wanted)
}

func (s *maintenance) Version(context.Context, *emptypb.Empty) (*machine.VersionResponse, error) {
	return nil, errMaintenance
}

func (s *maintenance) Reset(context.Context, *machine.ResetRequest) (*machine.ResetResponse, error) {
	return nil, errMaintenance
}

func (s *maintenance) Upgrade(context.Context, *machine.UpgradeRequest) (*machine.UpgradeResponse, error) {
	return nil, errMaintenance
}
