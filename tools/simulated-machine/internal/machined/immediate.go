package machined

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/siderolabs/talos/pkg/machinery/config/configdiff"
	"github.com/siderolabs/talos/pkg/machinery/config/container"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
)

// Fields that Talos 1.11 applies without a reboot, by their names in the library; so it does with all of `cluster` and
// `debug` and every document but the main one. Everything else needs a reboot.
var (
	immediateMachine = []string{
		"MachineCA", "MachineAcceptedCAs", "MachineTime", "MachineCertSANs", "MachineInstall", "MachineNetwork", "MachineSysfs",
		"MachineSysctls", "MachineLogging", "MachineControlPlane", "MachineKubelet", "MachineKernel", "MachineRegistries",
		"MachinePods", "MachineSeccompProfiles", "MachineNodeAnnotations", "MachineNodeLabels", "MachineNodeTaints",
	}
	immediateFeatures = []string{
		"KubernetesTalosAPIAccessConfig", "KubePrismSupport", "HostDNSSupport", "ImageCacheSupport",
		"FeatureNodeAddressSortAlgorithm",
	}
)

// needsReboot returns nil if a configuration change can be applied immediately, otherwise the reason.
func needsReboot(before, after *v1alpha1.Config) error {
	if before == nil {
		return errors.New("current config is not v1alpha1")
	}
	if after == nil {
		return errors.New("new config is not v1alpha1")
	}
	rest := after.DeepCopy()
	rest.ConfigDebug, rest.ClusterConfig = before.ConfigDebug, before.ClusterConfig
	if rest.MachineConfig != nil && before.MachineConfig != nil {
		copyFields(rest.MachineConfig, before.MachineConfig, immediateMachine)
		if rest.MachineConfig.MachineFeatures != nil && before.MachineConfig.MachineFeatures != nil {
			copyFields(rest.MachineConfig.MachineFeatures, before.MachineConfig.MachineFeatures, immediateFeatures)
		}
	}
	if reflect.DeepEqual(before, rest) {
		return nil
	}
	diff, err := configdiff.DiffToString(container.NewV1Alpha1(before), container.NewV1Alpha1(rest))
	if err != nil {
		return fmt.Errorf("error calculating diff: %w", err)
	}
	return fmt.Errorf("this config change can't be applied in immediate mode\ndiff:\n%s", diff)
}

// copyFields copies the named fields from one struct to another.
func copyFields[T any](to, from *T, names []string) {
	for _, name := range names {
		reflect.ValueOf(to).Elem().FieldByName(name).Set(reflect.ValueOf(from).Elem().FieldByName(name))
	}
}
