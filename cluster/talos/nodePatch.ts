import { prefixLength } from '../../net/addresses';
import type { ClusterDefinition } from '../definition';
import type { Node } from '../stackSchema';

/** The Talos patch for one machine: its hostname, and its address on the bond with the VLAN on top. */
export function nodePatch(definition: ClusterDefinition, node: Node): object {
  const { bond, gateway, mtu, vlan } = definition.network;
  const { interface: name, ...bondOptions } = bond;
  return {
    machine: {
      network: {
        hostname: node.name,
        interfaces: [
          {
            interface: name,
            bond: bondOptions,
            mtu,
            dhcp: false,
            addresses: [`${node.address}/${prefixLength(definition.cidrs.node)}`],
            routes: [{ network: '0.0.0.0/0', gateway }],
            vlans: [{ vlanId: vlan.id, mtu: vlan.mtu, dhcp: false, dhcpOptions: { routeMetric: vlan.routeMetric } }],
          },
        ],
      },
    },
  };
}

/** Settings of the bonded links: one `EthernetConfig` document per link. */
export function ethernetDocuments(definition: ClusterDefinition): object[] {
  return definition.network.ethernet.map(({ name, rings }) => ({
    apiVersion: 'v1alpha1',
    kind: 'EthernetConfig',
    name,
    rings,
  }));
}
