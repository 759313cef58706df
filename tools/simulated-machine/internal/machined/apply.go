package machined

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configdiff"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	withReboot    = "Applied configuration with a reboot"
	withoutReboot = "Applied configuration without a reboot"
)

// ApplyConfiguration supports all modes. As in Talos, anything but a trial cancels a pending rollback, even a dry run.
func (s *configured) ApplyConfiguration(
	ctx context.Context, in *machine.ApplyConfigurationRequest,
) (*machine.ApplyConfigurationResponse, error) {
	if in.GetMode() != machine.ApplyConfigurationRequest_TRY {
		s.boot.cancelRollback()
	}
	cfg, warnings, err := s.parse(ctx, in.GetData())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	mode, details, err := resolve(in.GetMode(), s.boot.config(), cfg)
	if err != nil {
		return nil, err
	}
	result := &machine.ApplyConfiguration{Mode: mode, ModeDetails: details}
	response := &machine.ApplyConfigurationResponse{Messages: []*machine.ApplyConfiguration{result}}
	if in.GetDryRun() {
		diff, err := configdiff.DiffToString(s.boot.config(), cfg)
		if err != nil {
			return nil, fmt.Errorf("failed to generate diff: %w", err)
		}
		if diff == "" {
			diff = "No changes."
		}
		details, _, _ = strings.Cut(details, ": ")
		result.ModeDetails = fmt.Sprintf("Dry run summary:\n%s (skipped in dry-run).\nConfig diff:\n\n%s", details, diff)
		return response, nil
	}
	s.boot.machine.Logger.Printf("simulated apply of a configuration: mode %s", strings.ToLower(mode.String()))
	result.Warnings = warnings
	if err := s.apply(mode, cfg, in); err != nil {
		return nil, err
	}
	if mode == machine.ApplyConfigurationRequest_TRY {
		result.ModeDetails += fmt.Sprintf("\nThe config is applied in 'try' mode and will be automatically reverted back in %s", tryTimeout(in))
	}
	return response, nil
}

func (s *configured) parse(ctx context.Context, content []byte) (config.Provider, []string, error) {
	cfg, err := configloader.NewFromBytes(content)
	if err != nil {
		return nil, nil, err
	}
	if cfg.RawV1Alpha1() == nil {
		return nil, nil, fmt.Errorf("the applied machine configuration doesn't contain v1alpha1 config, " +
			"did you mean to patch the machine config instead?")
	}
	warnings, err := cfg.Validate(metal{installed: true})
	if err != nil {
		return nil, nil, err
	}
	more, err := cfg.RuntimeValidate(ctx, s.boot.state, metal{installed: true})
	return cfg, slices.Concat(warnings, more), err
}

// resolve turns AUTO into the mode that will be used and rejects NO_REBOOT and TRY for changes that need a reboot.
func resolve(
	mode machine.ApplyConfigurationRequest_Mode, before, after config.Provider,
) (machine.ApplyConfigurationRequest_Mode, string, error) {
	reason := needsReboot(before.RawV1Alpha1(), after.RawV1Alpha1())
	switch mode {
	case machine.ApplyConfigurationRequest_TRY, machine.ApplyConfigurationRequest_NO_REBOOT:
		if reason != nil {
			return mode, "", status.Error(codes.InvalidArgument, reason.Error())
		}
		return mode, withoutReboot, nil
	case machine.ApplyConfigurationRequest_STAGED:
		return mode, "Staged configuration to be applied after the next reboot", nil
	case machine.ApplyConfigurationRequest_AUTO:
		if reason != nil {
			return machine.ApplyConfigurationRequest_REBOOT, withReboot + ": " + reason.Error(), nil
		}
		return machine.ApplyConfigurationRequest_NO_REBOOT, withoutReboot, nil
	case machine.ApplyConfigurationRequest_REBOOT:
		return mode, withReboot, nil
	default:
		return mode, "", fmt.Errorf("incorrect mode '%s' specified for the apply config call", mode)
	}
}

func (s *configured) apply(mode machine.ApplyConfigurationRequest_Mode, cfg config.Provider, in *machine.ApplyConfigurationRequest) error {
	if mode == machine.ApplyConfigurationRequest_TRY {
		s.boot.rollbackAfter(tryTimeout(in))
		return s.boot.setActive(cfg)
	}
	if err := s.boot.setPersistent(cfg); err != nil {
		return err
	}
	switch mode {
	case machine.ApplyConfigurationRequest_NO_REBOOT:
		return s.boot.setActive(cfg)
	case machine.ApplyConfigurationRequest_REBOOT:
		go s.boot.runLocked(sequenceReboot, "", s.boot.rebootPhases(transition{reason: "reboot into a new configuration"}), true)
	}
	return nil
}

func tryTimeout(in *machine.ApplyConfigurationRequest) time.Duration {
	if in.GetTryModeTimeout() != nil {
		return in.GetTryModeTimeout().AsDuration()
	}
	return constants.ConfigTryTimeout
}
