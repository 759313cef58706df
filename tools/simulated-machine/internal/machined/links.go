package machined

import (
	"fmt"
	"net"
	"path"
	"slices"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	configtypes "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// simulatedLinks returns the links of a machine after boot: loopback, a virtual one created by the kernel, and the
// hardware, bonded according to the configuration, if any. Changes without a reboot do not affect them.
func simulatedLinks(hardware []settings.Link, cfg config.Provider) ([]*network.LinkStatus, error) {
	loopback := newLink("lo", 1, nethelpers.LinkLoopbck, make(net.HardwareAddr, 6))
	dummy := newLink("dummy0", 2, nethelpers.LinkEther, net.HardwareAddr{0x02, 0, 0, 0, 0, 1})
	dummy.TypedSpec().Kind = "dummy"
	links := []*network.LinkStatus{loopback, dummy}
	for _, port := range hardware {
		address, err := net.ParseMAC(port.HardwareAddr)
		if err != nil {
			return nil, fmt.Errorf("link %s: %w", port.Name, err)
		}
		link := newLink(port.Name, uint32(len(links)+1), nethelpers.LinkEther, address)
		spec := link.TypedSpec()
		spec.Driver, spec.BusPath, spec.MTU = port.Driver, port.BusPath, 1500
		spec.OperationalState, spec.LinkState = nethelpers.OperStateUp, true
		spec.SpeedMegabits, spec.Duplex = 10_000, nethelpers.Full
		links = append(links, link)
	}
	if cfg == nil || cfg.Machine() == nil {
		return links, nil
	}
	for _, device := range cfg.Machine().Network().Devices() {
		if device.Bond() != nil {
			links = bonded(links, device)
		}
	}
	return links, nil
}

func newLink(name string, index uint32, kind nethelpers.LinkType, address net.HardwareAddr) *network.LinkStatus {
	link := network.NewLinkStatus(network.NamespaceName, name)
	spec := link.TypedSpec()
	spec.Index, spec.LinkIndex, spec.Type, spec.MTU = index, index, kind, 65536
	spec.HardwareAddr, spec.PermanentAddr = nethelpers.HardwareAddr(address), nethelpers.HardwareAddr(slices.Clone(address))
	return link
}

// bonded adds a bond. As in Linux, all its links get the address of the first; their own remains the permanent address.
func bonded(links []*network.LinkStatus, device configtypes.Device) []*network.LinkStatus {
	index := uint32(len(links) + 1)
	var first nethelpers.HardwareAddr
	for _, link := range links {
		spec := link.TypedSpec()
		if !spec.Physical() || !inBond(link, device.Bond()) {
			continue
		}
		if first == nil {
			first = slices.Clone(spec.PermanentAddr)
		}
		spec.HardwareAddr, spec.MasterIndex, spec.SlaveKind = first, index, "bond"
	}
	if first == nil {
		return links
	}
	bond := newLink(device.Interface(), index, nethelpers.LinkEther, net.HardwareAddr(first))
	spec := bond.TypedSpec()
	spec.Kind, spec.PermanentAddr, spec.MTU = "bond", nil, uint32(device.MTU())
	spec.OperationalState, spec.LinkState = nethelpers.OperStateUp, true
	return append(links, bond)
}

func inBond(link *network.LinkStatus, bond configtypes.Bond) bool {
	if slices.Contains(bond.Interfaces(), link.Metadata().ID()) {
		return true
	}
	spec := link.TypedSpec()
	return slices.ContainsFunc(bond.Selectors(), func(selector configtypes.NetworkDeviceSelector) bool {
		address := net.HardwareAddr(spec.PermanentAddr).String()
		return matches(selector.HardwareAddress(), address) && matches(selector.PermanentAddress(), address) &&
			matches(selector.KernelDriver(), spec.Driver) && matches(selector.Bus(), spec.BusPath)
	})
}

// matches reports whether a selector's pattern matches a text; an empty pattern matches everything.
func matches(pattern, text string) bool {
	matched, err := path.Match(pattern, text)
	return pattern == "" || (err == nil && matched)
}
