package machined

import (
	"context"
	"fmt"
	"path"
	"strings"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	"github.com/cosi-project/runtime/pkg/state/registry"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/extensions"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// kinds are the resource types that this machine supports; most are always empty.
var kinds = []meta.ResourceWithRD{
	&configresource.MachineConfig{}, &configresource.MachineType{},
	&block.Disk{}, &block.SystemDisk{}, &block.DiscoveredVolume{}, &block.VolumeStatus{},
	&network.LinkStatus{}, &network.AddressStatus{}, &network.HostnameStatus{}, &network.NodeAddress{}, &network.RouteStatus{},
	&runtime.Version{}, &runtime.MachineStatus{}, &runtime.ExtensionStatus{}, &runtime.SecurityState{},
	&k8s.Nodename{}, &k8s.KubeletSpec{}, &k8s.APIServerConfig{}, &k8s.ControllerManagerConfig{}, &k8s.SchedulerConfig{},
}

var namespaces = []resource.Namespace{
	configresource.NamespaceName, network.NamespaceName, runtime.NamespaceName, k8s.NamespaceName,
	k8s.ControlPlaneNamespaceName,
}

// newState returns the resources of one boot; without a configuration, those of maintenance mode.
func newState(s settings.Settings, booted system, installed bool, cfg config.Provider, hostname string) (state.State, error) {
	ctx := context.Background()
	st := state.WrapCore(namespaced.NewState(inmem.Build))
	names, types := registry.NewNamespaceRegistry(st), registry.NewResourceRegistry(st)
	if err := names.RegisterDefault(ctx); err != nil {
		return nil, err
	}
	if err := types.RegisterDefault(ctx); err != nil {
		return nil, err
	}
	for _, namespace := range namespaces {
		if err := names.Register(ctx, namespace, ""); err != nil {
			return nil, err
		}
	}
	for _, kind := range kinds {
		if err := types.Register(ctx, kind); err != nil {
			return nil, err
		}
	}

	version := runtime.NewVersion()
	version.TypedSpec().Version = booted.Version
	name := network.NewHostnameStatus(network.NamespaceName, network.HostnameID)
	name.TypedSpec().Hostname = hostname
	security := runtime.NewSecurityStateSpec(runtime.NamespaceName)
	security.TypedSpec().SecureBoot = booted.SecureBoot
	all := []resource.Resource{version, name, security}
	if booted.Schematic != "" {
		all = append(all, schematicExtension(booted.Schematic))
	}
	for _, disk := range simulatedDisks(s.Name) {
		all = append(all, disk)
	}
	links, err := simulatedLinks(s.Links, cfg)
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		all = append(all, link)
	}
	if cfg != nil || installed {
		system := block.NewSystemDisk(block.NamespaceName, block.SystemDiskID)
		system.TypedSpec().DiskID, system.TypedSpec().DevPath = path.Base(systemDisk), systemDisk
		all = append(all, system)
	}
	for _, resource := range all {
		if err := st.Create(ctx, resource); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// schematicExtension is the extension without content that tells which schematic of the image factory is running.
func schematicExtension(id string) resource.Resource {
	extension := runtime.NewExtensionStatus(runtime.NamespaceName, "0")
	extension.TypedSpec().Metadata = extensions.Metadata{
		Name: "schematic", Version: id, Author: "Image Factory",
		Description: "Virtual extension which specifies the schematic of the image built with Image Factory.",
	}
	return extension
}

// putConfig creates or replaces a machine configuration resource.
func putConfig(st state.State, id resource.ID, cfg config.Provider) error {
	ctx := context.Background()
	fresh := configresource.NewMachineConfigWithID(cfg, id)
	current, err := st.Get(ctx, fresh.Metadata())
	if state.IsNotFoundError(err) {
		return st.Create(ctx, fresh)
	}
	if err != nil {
		return err
	}
	fresh.Metadata().SetVersion(current.Metadata().Version())
	return st.Update(ctx, fresh)
}

// accessRule lets readers read what is not sensitive, admins read everything, and no one write.
func accessRule(st state.State) state.FilteringRule {
	return func(ctx context.Context, access state.Access) error {
		if !access.Verb.Readonly() {
			return status.Error(codes.PermissionDenied, "write access is not allowed")
		}
		id := strings.ToLower(access.ResourceType)
		definition, err := safe.StateGet[*meta.ResourceDefinition](ctx, st,
			resource.NewMetadata(meta.NamespaceName, meta.ResourceDefinitionType, id, resource.VersionUndefined))
		if state.IsNotFoundError(err) {
			return status.Error(codes.PermissionDenied, fmt.Sprintf("resource type %q is not supported", access.ResourceType))
		}
		if err != nil {
			return err
		}
		if definition.TypedSpec().Sensitivity == meta.Sensitive && !rolesOf(ctx).Includes(role.Admin) {
			return errNotAuthorized
		}
		return nil
	}
}
