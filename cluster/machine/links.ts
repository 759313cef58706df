import type { Node } from '../stackSchema';
import type { Network, NetworkInterface, Vlan } from './networkSchema';

/** A link of a machine, or a VLAN on one. */
export interface Link {
  /** As `nodeAddressOn` names it: `bond0`, or `bond0.2512` for a VLAN. */
  name: string;
  /** Its path below `network`. */
  path: readonly PropertyKey[];
  settings: NetworkInterface | Vlan;
}

/** Every link that a machine describes, each followed by its VLANs. */
export function linksOf({ interfaces }: Pick<Network, 'interfaces'>): Link[] {
  return Object.entries(interfaces).flatMap(([name, settings]) => [
    { name, path: ['interfaces', name], settings },
    ...Object.entries(settings.vlans ?? {}).map(([id, vlan]) => ({
      name: `${name}.${id}`,
      path: ['interfaces', name, 'vlans', id],
      settings: vlan,
    })),
  ]);
}

/** The links that a bond or a bridge takes by name, each with the name of the one that takes it. */
export function takenLinks({ interfaces }: Pick<Network, 'interfaces'>): Map<string, string> {
  const pairs = Object.entries(interfaces).flatMap(([owner, { bond, bridge }]) =>
    [...(bond?.interfaces ?? []), ...(bridge?.interfaces ?? [])].map((link) => [link, owner] as const),
  );
  return new Map(pairs);
}

/** Where a machine gets the node's address from. */
export type NodeAddressSource =
  /** The program writes it on this link. */
  | { kind: 'link'; link: Link }
  /** It is written in the `addresses` of a link, or DHCP gives it. */
  | { kind: 'elsewhere' }
  /** `nodeAddressOn` names no link. */
  | { kind: 'unknown' }
  /** Any of these links may be meant. */
  | { kind: 'unclear'; links: Link[] };

/** Which link gets the node's address, if `nodeAddressOn` does not say it: the only one that could. */
export function nodeAddressSource({ address, network }: Pick<Node, 'address' | 'network'>): NodeAddressSource {
  const links = linksOf(network);
  const { nodeAddressOn } = network;
  if (nodeAddressOn !== undefined) {
    const link = links.find(({ name }) => name === nodeAddressOn);
    return link === undefined ? { kind: 'unknown' } : { kind: 'link', link };
  }
  const isWritten = links.some(({ settings }) => settings.addresses?.some((own) => own.split('/')[0] === address));
  if (isWritten) return { kind: 'elsewhere' };
  const taken = takenLinks(network);
  const open = links.filter(
    ({ name, settings }) =>
      settings.dhcp !== true && !('ignore' in settings && settings.ignore === true) && !taken.has(name),
  );
  const [only, ...more] = open;
  if (only === undefined) return { kind: 'elsewhere' };
  return more.length === 0 ? { kind: 'link', link: only } : { kind: 'unclear', links: open };
}
