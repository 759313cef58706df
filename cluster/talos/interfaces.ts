import { type ClusterDefinition, withPrefix } from '../definition';
import { nodeAddressSource } from '../machine/links';
import type { NetworkInterface, Vlan } from '../machine/networkSchema';
import type { Node } from '../stackSchema';

/** The list `machine.network.interfaces` of a machine, with the node's address on the link that gets it. */
export function interfaces(definition: Pick<ClusterDefinition, 'cidrs'>, node: Node): object[] {
  const source = nodeAddressSource(node);
  const own = source.kind === 'link' ? source.link.name : undefined;
  const address = withPrefix(node.address, definition);
  const withAddress = <T extends NetworkInterface | Vlan>(settings: T, name: string): T =>
    name === own ? { ...settings, addresses: [address, ...(settings.addresses ?? [])] } : settings;
  return Object.entries(node.network.interfaces).map(([name, { deviceSelector, vlans, ...settings }]) => {
    const tagged = Object.entries(vlans ?? {}).map(([id, vlan]) => ({
      vlanId: Number(id),
      ...withAddress(vlan, `${name}.${id}`),
    }));
    return {
      ...(deviceSelector === undefined ? { interface: name } : { deviceSelector }),
      ...withAddress(settings, name),
      ...(tagged.length > 0 && { vlans: tagged }),
    };
  });
}
