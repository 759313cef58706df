package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"

	"k8s-gitops/tools/talos-provider/internal/machineconfig"
)

const (
	applyID           = "machine_configuration_apply"
	stagedIfNeedsBoot = "staged_if_needing_reboot"
)

var applyModes = []string{"auto", "reboot", "no_reboot", "staged", stagedIfNeedsBoot}

func configurationApplyKind() *resourceKind {
	no, yes := resource.NewProperty(false), resource.NewProperty(true)

	return &resourceKind{
		token: "talos:machine/configurationApply:ConfigurationApply",
		attributes: map[string]attribute{
			"node":                        {required: true},
			"endpoint":                    {computed: true},
			"applyMode":                   {computed: true, fallback: resource.NewProperty("auto")},
			"resolvedApplyMode":           {computed: true},
			"clientConfiguration":         {},
			"clientConfigurationWo":       {writeOnly: true},
			"machineConfigurationInput":   {},
			"machineConfigurationInputWo": {writeOnly: true},
			"configPatches":               {},
			"machineConfiguration":        {computed: true, keepState: true},
			"machineConfigurationHash":    {computed: true, keepState: true},
			"onDestroy":                   {members: map[string]resource.PropertyValue{"reset": no, "graceful": yes, "reboot": no}},
			"timeouts":                    {},
		},
		secrets: []string{
			"clientConfiguration.clientKey", "clientConfigurationWo",
			"machineConfigurationInput", "machineConfigurationInputWo", "machineConfiguration",
		},
		validate:   validateApply,
		modifyPlan: planApply,
		create:     applyConfiguration("create"),
		update:     applyConfiguration("update"),
		remove:     resetMachine,
	}
}

func validateApply(config resource.PropertyMap) error {
	if err := exactlyOne(config, "machineConfigurationInput", "machine configuration input"); err != nil {
		return err
	}

	if err := exactlyOne(config, "clientConfiguration", "client configuration"); err != nil {
		return err
	}

	if mode := stringOf(config, "applyMode"); mode != "" && !slices.Contains(applyModes, mode) {
		return fmt.Errorf("Invalid Attribute Value Match: Attribute apply_mode value must be one of: %q, got: %q", applyModes, mode)
	}

	return nil
}

func exactlyOne(config resource.PropertyMap, name, what string) error {
	plain, writeOnly := isSet(at(config, name)), isSet(at(config, name+"Wo"))

	switch {
	case !plain && !writeOnly:
		return fmt.Errorf("Missing %s: Exactly one of %s or %sWo must be set", what, name, name)
	case plain && writeOnly:
		return fmt.Errorf("Conflicting %s: Only one of %s or %sWo can be set, not both", what, name, name)
	default:
		return nil
	}
}

// planApply renders the configuration, so that a patch the library cannot parse fails the preview. With an unknown
// input it leaves the plan alone: an existing resource then shows its old configuration as if nothing had changed.
func planApply(op *operation) error {
	if op.config["node"].IsComputed() || op.config["endpoint"].IsComputed() {
		return nil
	}

	if !isSet(op.config["endpoint"]) {
		op.plan["endpoint"] = op.config["node"]
	}

	input, writeOnly := at(op.config, "machineConfigurationInput"), false
	if value := at(op.config, "machineConfigurationInputWo"); value.IsString() {
		input, writeOnly = value, true
	}

	patches, known := stringsOf(op.config, "configPatches")
	if !input.IsString() || !known {
		return nil
	}

	configuration, err := machineconfig.Patch(input.StringValue(), patches)
	if err != nil {
		return err
	}

	sum := sha256.Sum256([]byte(configuration))
	op.plan["machineConfigurationHash"] = resource.NewProperty(hex.EncodeToString(sum[:]))
	op.plan["machineConfiguration"] = resource.NewProperty(configuration)

	if writeOnly {
		delete(op.plan, "machineConfiguration")
	}

	op.plan["resolvedApplyMode"] = resource.NewProperty(op.resolveApplyMode(configuration))

	return nil
}

// resolveApplyMode dials the machine during planning if the mode is staged_if_needing_reboot. If the machine cannot be
// reached, the mode becomes "auto" with a warning, and so may reboot the machine.
func (op *operation) resolveApplyMode(configuration string) string {
	mode := stringOf(op.plan, "applyMode")
	if mode != stagedIfNeedsBoot {
		return mode
	}

	if resolved := stringOf(op.prior, "resolvedApplyMode"); resolved != "" &&
		stringOf(op.prior, "machineConfiguration") == configuration {
		return resolved
	}

	to, err := targetOf(op.config)
	if err != nil || at(op.config, "clientConfiguration").ContainsUnknowns() {
		return "auto"
	}

	needsReboot := false
	err = op.server.dial(op.ctx, to, func(ctx context.Context, c *client.Client) error {
		resp, err := c.ApplyConfiguration(ctx, &machineapi.ApplyConfigurationRequest{
			Mode: machineapi.ApplyConfigurationRequest_AUTO, Data: []byte(configuration), DryRun: true,
		})
		if messages := resp.GetMessages(); len(messages) > 0 {
			needsReboot = messages[0].GetMode() != machineapi.ApplyConfigurationRequest_NO_REBOOT
		}

		return err
	})

	switch {
	case err != nil:
		op.warn("Cannot check reboot requirement", fmt.Sprintf("Node %s: %v. Using 'auto' mode (may reboot).", to.node, err))

		return "auto"
	case needsReboot:
		op.warn("Reboot prevented - using staged mode", fmt.Sprintf("Node %s: Configuration requires reboot. "+
			"Using 'staged' mode. Manually reboot with: talosctl reboot --nodes %s", to.node, to.node))

		return "staged"
	default:
		return "auto"
	}
}

// applyConfiguration returns once the machine has accepted the configuration. It does not wait for an installation or
// reboot and never checks whether the configuration took effect.
func applyConfiguration(timeoutName string) func(*operation) (string, resource.PropertyMap, error) {
	return func(op *operation) (string, resource.PropertyMap, error) {
		to, err := targetOf(op.plan, op.config)
		if err != nil {
			return "", nil, err
		}

		timeout, err := timeoutOf(op.plan, timeoutName)
		if err != nil {
			return "", nil, err
		}

		configuration := stringOf(op.plan, "machineConfiguration")
		if configuration == "" {
			patches, _ := stringsOf(op.config, "configPatches")
			if configuration, err = machineconfig.Patch(stringOf(op.config, "machineConfigurationInputWo"), patches); err != nil {
				return "", nil, err
			}
		}

		mode := machineapi.ApplyConfigurationRequest_Mode(
			machineapi.ApplyConfigurationRequest_Mode_value[strings.ToUpper(stringOf(op.plan, "resolvedApplyMode"))])

		err = retry(op.ctx, timeout, func() error {
			return op.server.dial(op.ctx, to, func(ctx context.Context, c *client.Client) error {
				_, err := c.ApplyConfiguration(ctx, &machineapi.ApplyConfigurationRequest{Mode: mode, Data: []byte(configuration)})

				return err
			})
		})
		if err != nil {
			return "", nil, fmt.Errorf("Error applying configuration: %w", err)
		}

		return applyID, op.plan, nil
	}
}
