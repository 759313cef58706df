package machined

import (
	"context"
	"reflect"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/config"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
)

// putKubernetes updates the resources that say which Kubernetes components run, and returns the version of each by its id.
// A version changes exactly if the component's configuration does.
func putKubernetes(st state.State, cfg config.Provider, s settings.Settings, hostname string) (map[string]string, error) {
	versions := map[string]string{}
	kubelet := k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID)
	err := modify(st, kubelet, versions, func(r *k8s.KubeletSpec) {
		spec := r.TypedSpec()
		spec.Image, spec.ExpectedNodename = cfg.Machine().Kubelet().Image(), hostname
		spec.Config = cfg.Machine().Kubelet().ExtraConfig()
	})
	if err != nil {
		return nil, err
	}
	name := k8s.NewNodename(k8s.NamespaceName, k8s.NodenameID)
	if err := modify(st, name, versions, func(r *k8s.Nodename) { r.TypedSpec().Nodename = hostname }); err != nil {
		return nil, err
	}
	if cfg.Machine().Type() == machinetype.TypeWorker {
		return versions, nil
	}
	cluster := cfg.Cluster()
	err = modify(st, k8s.NewAPIServerConfig(), versions, func(r *k8s.APIServerConfig) {
		*r.TypedSpec() = k8s.APIServerConfigSpec{
			Image: cluster.APIServer().Image(), ExtraArgs: cluster.APIServer().ExtraArgs(),
			EnvironmentVariables: cluster.APIServer().Env(),
			ControlPlaneEndpoint: cluster.Endpoint().String(), EtcdServers: []string{"https://127.0.0.1:2379"},
			LocalPort: cluster.LocalAPIServerPort(), ServiceCIDRs: cluster.Network().ServiceCIDRs(), AdvertisedAddress: s.Address,
		}
	})
	if err != nil {
		return nil, err
	}
	err = modify(st, k8s.NewControllerManagerConfig(), versions, func(r *k8s.ControllerManagerConfig) {
		*r.TypedSpec() = k8s.ControllerManagerConfigSpec{
			Enabled: true, Image: cluster.ControllerManager().Image(), ExtraArgs: cluster.ControllerManager().ExtraArgs(),
			EnvironmentVariables: cluster.ControllerManager().Env(),
			PodCIDRs:             cluster.Network().PodCIDRs(), ServiceCIDRs: cluster.Network().ServiceCIDRs(),
		}
	})
	if err != nil {
		return nil, err
	}
	err = modify(st, k8s.NewSchedulerConfig(), versions, func(r *k8s.SchedulerConfig) {
		*r.TypedSpec() = k8s.SchedulerConfigSpec{
			Enabled: true, Image: cluster.Scheduler().Image(), ExtraArgs: cluster.Scheduler().ExtraArgs(),
			EnvironmentVariables: cluster.Scheduler().Env(), Config: cluster.Scheduler().Config(),
		}
	})
	return versions, err
}

// modify creates a resource, or updates it if that changes anything, and notes its version.
func modify[T resource.Resource](st state.State, empty T, versions map[string]string, set func(T)) error {
	ctx := context.Background()
	current, err := safe.StateGet[T](ctx, st, empty.Metadata())
	if state.IsNotFoundError(err) {
		set(empty)
		if err := st.Create(ctx, empty); err != nil {
			return err
		}
		current = empty
	} else if err != nil {
		return err
	} else {
		wanted := current.DeepCopy().(T) //nolint:forcetypeassert // a copy of a T
		set(wanted)
		if !reflect.DeepEqual(wanted.Spec(), current.Spec()) {
			if err := st.Update(ctx, wanted); err != nil {
				return err
			}
		}
	}
	current, err = safe.StateGet[T](ctx, st, empty.Metadata())
	if err != nil {
		return err
	}
	versions[current.Metadata().ID()] = current.Metadata().Version().String()
	return nil
}
