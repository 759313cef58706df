import type { ClusterDefinition } from '../../../cluster/definition';
import { stackFileName } from '../../../cluster/names';
import type { Image, Network, Node } from '../../../cluster/stackSchema';
import type { MachineDisk, MachineLink } from '../../../clients/talos/resources';
import { type Fault, failed, judged, type Line } from '../checkResult';
import { hasName, physicalLinks, selectedLinks, showLinks } from './deviceSelector';
import { installDisks, showBytes } from './diskSelector';

/** What a machine says of itself; a part that could not be read is left out. */
export interface MachineFacts {
  version?: string;
  disks?: MachineDisk[];
  links?: MachineLink[];
}

/** What a node was found to be. */
export type NodeFacts =
  | { state: 'silent'; why: string }
  /** Configured, by an authority that is not this stack's; `known` tells whether the stack has one. */
  | { state: 'foreign'; known: boolean }
  | ({ state: 'maintenance' | 'ours' } & MachineFacts);

type Wanted = Pick<ClusterDefinition, 'name' | 'network' | 'image' | 'versions'>;

/** The line of one node. `dialled` is where it was asked. */
export function evaluateNode(definition: Wanted, node: Node, dialled: string, facts: NodeFacts): Line {
  const asked = { id: `node:${node.name}`, what: `node ${node.name}` };
  const file = stackFileName(definition.name);
  if (facts.state === 'silent') {
    const fix = `start it from the Talos image, or correct its address in ${file}`;
    return failed(asked, `Talos does not answer at ${dialled}: ${facts.why}`, fix);
  }
  if (facts.state === 'foreign') {
    const why = facts.known
      ? `is configured at ${dialled}, but not by this stack: it does not take the stack's identity`
      : `is configured at ${dialled}, and this stack has not made an identity for its machines yet`;
    return failed(asked, why, `correct its address in ${file}, or reset that machine: talosctl reset`);
  }
  const faults = [
    ...versionFaults(definition, node, facts),
    ...diskFaults(definition.image, file, facts.disks),
    ...linkFaults(definition.network, file, facts.links),
  ];
  return judged(asked, faults, fine(definition, facts));
}

function versionFaults(
  { versions }: Wanted,
  node: Node,
  { state, version }: MachineFacts & { state: string },
): Fault[] {
  const wanted = versions.talos;
  if (version === undefined || version === wanted) return [];
  const fix =
    state === 'maintenance'
      ? `start it from the image of Talos ${wanted}, or correct TALOS_VERSION`
      : `upgrade it: talosctl upgrade --nodes ${node.address}, or correct TALOS_VERSION`;
  return [{ why: `runs Talos ${version}, where TALOS_VERSION is ${wanted}`, fix }];
}

function diskFaults(image: Image, file: string, disks: readonly MachineDisk[] | undefined): Fault[] {
  if (disks === undefined || installDisks(image, disks).length > 0) return [];
  const key = image.installDiskSelector === undefined ? 'installDisk' : 'installDiskSelector';
  const wanted = image.installDisk ?? JSON.stringify(image.installDiskSelector);
  const there = disks.map((disk) => showDisk(disk)).join(', ') || 'no disk';
  return [{ why: `no disk fits image.${key} ${wanted}; it has ${there}`, fix: `correct image.${key} in ${file}` }];
}

function linkFaults(network: Network, file: string, links: readonly MachineLink[] | undefined): Fault[] {
  if (links === undefined) return [];
  const has = `it has ${showLinks(physicalLinks(links))}`;
  const selectors = network.bond.deviceSelectors.flatMap((selector, index): Fault[] => {
    if (selectedLinks(selector, links).length > 0) return [];
    const key = `network.bond.deviceSelectors[${index}]`;
    const wanted = Object.values(selector).join(' ');
    return [{ why: `no link fits ${key} (${wanted}); ${has}`, fix: `correct ${key} in ${file}` }];
  });
  const names = network.ethernet.flatMap(({ name }, index): Fault[] => {
    if (links.some((link) => hasName(link, name))) return [];
    const key = `network.ethernet[${index}].name`;
    return [{ why: `has no link ${name}; ${has}`, fix: `correct ${key} in ${file}` }];
  });
  return [...selectors, ...names];
}

function fine({ image, network }: Wanted, { state, version, disks, links }: MachineFacts & { state: string }): string {
  const fitting = disks === undefined ? [] : installDisks(image, disks);
  const bonded = network.bond.deviceSelectors.flatMap((selector) => selectedLinks(selector, links ?? []));
  const facts = [
    state === 'maintenance' ? 'maintenance mode' : 'configured by this stack',
    version === undefined ? 'Talos does not say its version' : `Talos ${version}`,
    disks === undefined ? 'disks not shown' : `installs on ${fitting[0] ? showDisk(fitting[0]) : 'nothing'}`,
    links === undefined ? 'links not shown' : `${network.bond.interface} of ${names(bonded)}`,
  ];
  const others = fitting.length > 1 ? `; ${fitting.length} disks fit, and Talos takes the first that it finds` : '';
  return `${facts.join(', ')}${others}`;
}

function names(links: readonly MachineLink[]): string {
  return [...new Set(links.map(({ id }) => id))].join(' and ');
}

function showDisk({ dev_path: path, size }: MachineDisk): string {
  return `${path} (${showBytes(size)})`;
}
