import type { ClusterDefinition } from '../../../cluster/definition';
import { stackFileName } from '../../../cluster/names';
import { installerImage } from '../../../cluster/schematic';
import type { Image, Network, Node } from '../../../cluster/stackSchema';
import { resetCommand, upgradeCommand } from '../../../cluster/talos/commands';
import type { MachineDisk, MachineLink } from '../../../clients/talos/resources';
import { type CheckResult, failed, type Failure, resultOf } from '../checkResult';
import { formatLinks, hasName, physicalLinks, selectedLinks } from './deviceSelector';
import { formatBytes, installDisks } from './diskSelector';

/** What a machine reports; what could not be read is absent. */
export interface MachineFacts {
  version?: string;
  disks?: MachineDisk[];
  links?: MachineLink[];
}

/** State of a node. */
export type NodeFacts =
  | { state: 'unreachable'; why: string }
  /** Configured, but with a certificate authority that is not this stack's. */
  | { state: 'foreign'; stackHasIdentity: boolean }
  | ({ state: 'maintenance' | 'configured' } & MachineFacts);

type Expected = Pick<ClusterDefinition, 'name' | 'network' | 'image' | 'versions'>;

/** The schematic of the cluster's image, and whether the image factory knows it. */
export interface Schematic {
  id: string;
  isRegistered: boolean;
}

/** The result of one node. `address` is the address it was dialled at, for messages. */
export function evaluateNode(
  definition: Expected,
  node: Node,
  address: string,
  schematic: Schematic,
  facts: NodeFacts,
): CheckResult {
  const check = { id: `node:${node.name}`, what: `node ${node.name}` };
  const file = stackFileName(definition.name);
  if (facts.state === 'unreachable') {
    const fix = `boot it from the Talos image, or correct its address in ${file}`;
    return failed(check, `Talos does not respond at ${address}: ${facts.why}`, fix);
  }
  if (facts.state === 'foreign') {
    const why = facts.stackHasIdentity
      ? `is configured at ${address}, but not by this stack: it rejects the stack's client certificate`
      : `is configured at ${address}, but this stack has not generated its machine secrets yet`;
    const reset = `reset that machine with its own talosconfig: ${resetCommand(node.address)}`;
    return failed(check, why, `correct its address in ${file}, or ${reset}`);
  }
  const failures = [
    ...versionFailures(definition, node, schematic, facts),
    ...diskFailures(definition.image, file, facts.disks),
    ...linkFailures(definition.network, file, facts.links),
  ];
  return resultOf(check, failures, describeNode(definition, facts));
}

function versionFailures(
  { versions }: Expected,
  node: Node,
  { id, isRegistered }: Schematic,
  { state, version }: MachineFacts & { state: string },
): Failure[] {
  const expected = versions.talos;
  if (version === undefined || version === expected) return [];
  const fix =
    state === 'maintenance'
      ? `boot it from the Talos ${expected} image, or correct TALOS_VERSION`
      : // The factory serves no image of a schematic that is not registered.
        `${isRegistered ? '' : 'run `pulumi up`, which registers its schematic, then '}upgrade it: ` +
        `${upgradeCommand(node.address, installerImage(id, expected))}, or correct TALOS_VERSION`;
  return [{ why: `runs Talos ${version}, but TALOS_VERSION is ${expected}`, fix }];
}

function diskFailures(image: Image, file: string, disks: readonly MachineDisk[] | undefined): Failure[] {
  if (disks === undefined || installDisks(image, disks).length > 0) return [];
  const key = image.installDiskSelector === undefined ? 'installDisk' : 'installDiskSelector';
  const expected = image.installDisk ?? JSON.stringify(image.installDiskSelector);
  const found = disks.map((disk) => formatDisk(disk)).join(', ') || 'no disks';
  return [{ why: `no disk matches image.${key} ${expected}; found ${found}`, fix: `correct image.${key} in ${file}` }];
}

function linkFailures(network: Network, file: string, links: readonly MachineLink[] | undefined): Failure[] {
  if (links === undefined) return [];
  const found = `found ${formatLinks(physicalLinks(links))}`;
  const selectors = network.bond.deviceSelectors.flatMap((selector, index): Failure[] => {
    if (selectedLinks(selector, links).length > 0) return [];
    const key = `network.bond.deviceSelectors[${index}]`;
    const expected = Object.entries(selector)
      .map(([condition, value]) => (value === true ? condition : value))
      .join(' ');
    return [{ why: `no link matches ${key} (${expected}); ${found}`, fix: `correct ${key} in ${file}` }];
  });
  const names = network.ethernet.flatMap(({ name }, index): Failure[] => {
    if (links.some((link) => hasName(link, name))) return [];
    const key = `network.ethernet[${index}].name`;
    return [{ why: `has no link ${name}; ${found}`, fix: `correct ${key} in ${file}` }];
  });
  return [...selectors, ...names];
}

function describeNode(
  { image, network }: Expected,
  { state, version, disks, links }: MachineFacts & { state: string },
): string {
  const matching = disks === undefined ? [] : installDisks(image, disks);
  const bonded = network.bond.deviceSelectors.flatMap((selector) => selectedLinks(selector, links ?? []));
  const facts = [
    state === 'maintenance' ? 'maintenance mode' : 'configured by this stack',
    version === undefined ? 'Talos version unknown' : `Talos ${version}`,
    disks === undefined ? 'disks unknown' : `installs on ${matching[0] ? formatDisk(matching[0]) : 'nothing'}`,
    links === undefined ? 'links unknown' : `${network.bond.interface} of ${linkNames(bonded)}`,
  ];
  const note = matching.length > 1 ? `; ${matching.length} disks match, and Talos uses the first one it finds` : '';
  return `${facts.join(', ')}${note}`;
}

function linkNames(links: readonly MachineLink[]): string {
  return [...new Set(links.map(({ id }) => id))].join(' and ');
}

function formatDisk({ dev_path: path, size }: MachineDisk): string {
  return `${path} (${formatBytes(size)})`;
}
