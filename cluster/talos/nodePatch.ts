import { prefixLength } from '../../net/addresses';
import type { ClusterDefinition } from '../definition';
import type { Node } from '../stackSchema';

/** The Talos patch for one machine: its address on the bond with the VLAN on top and, before Talos 1.12, its hostname. */
export function nodePatch(definition: ClusterDefinition, node: Node): object {
  const { bond, gateway, mtu, vlan } = definition.network;
  const { interface: name, ...bondOptions } = bond;
  return {
    machine: {
      network: {
        ...(!hasHostnameDocument(definition) && { hostname: node.name }),
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

/**
 * The hostname as a document of its own, from Talos 1.12 on. The configuration that Talos generates then has one that
 * derives a name, which must be turned off, and refuses `machine.network.hostname` in addition.
 */
export function hostnameDocuments(definition: ClusterDefinition, node: Node): object[] {
  if (!hasHostnameDocument(definition)) return [];
  return [{ apiVersion: 'v1alpha1', kind: 'HostnameConfig', auto: 'off', hostname: node.name }];
}

function hasHostnameDocument({ versions }: ClusterDefinition): boolean {
  const [major = 0, minor = 0] = versions.talos.replace(/^v/, '').split('.').map(Number);
  return major > 1 || minor >= 12;
}

/** Settings of the bonded links: one `EthernetConfig` document per link. */
export function ethernetDocuments(definition: ClusterDefinition): object[] {
  return definition.network.ethernet.map((options) => ({
    apiVersion: 'v1alpha1',
    kind: 'EthernetConfig',
    ...options,
  }));
}
