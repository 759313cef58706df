import type { ClusterDefinition } from '../../../cluster/definition';
import { stackFileName } from '../../../cluster/names';
import { versionStepProblems } from '../../../cluster/rollout/talosUpgrade';
import type { Node } from '../../../cluster/stackSchema';
import { resetCommand } from '../../../cluster/talos/commands';
import type { MachineDisk, MachineLink } from '../../../clients/talos/resources';
import { type CheckResult, failed, type Failure, resultOf, warning } from '../checkResult';
import { formatBytes, installDisks } from './diskSelector';
import { describeLinks, linkFailures } from './evaluateLinks';

/** What a machine reports; what could not be read is absent. */
export interface MachineFacts {
  version?: string;
  disks?: MachineDisk[];
  links?: MachineLink[];
  /** Names of the volumes that Talos manages. */
  volumes?: string[];
}

/** State of a node. */
export type NodeFacts =
  | { state: 'unreachable'; why: string }
  /** Configured, but with a certificate authority that is not this stack's. */
  | { state: 'foreign'; stackHasIdentity: boolean }
  | ({ state: 'maintenance' | 'configured' } & MachineFacts);

type Expected = Pick<ClusterDefinition, 'name' | 'versions'>;

/** The result of one node. `address` is the address it was dialled at, for messages. */
export function evaluateNode(definition: Expected, node: Node, address: string, facts: NodeFacts): CheckResult {
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
    ...versionFailures(definition.versions.talos, facts),
    ...diskFailures(node, file, facts.disks),
    ...linkFailures(node, file, facts.links),
  ];
  const found = describeNode(definition.versions.talos, node, facts);
  const hidden = failures.length === 0 && facts.state === 'configured' ? newMounts(node, facts.volumes) : [];
  if (hidden.length === 0) return resultOf(check, failures, found);
  // Talos mounts a new volume over the folder of the same name, and its files stay below where no pod sees them.
  const why = `${found}; it has no volume at ${hidden.join(', ')} yet, and the files that are in that folder would be hidden`;
  const fix = `move the files away before \`pulumi up\`, and back after it (docs/machines.md); a folder without files needs nothing`;
  return warning(check, why, fix);
}

/** Where a running machine would mount user volumes that it does not have yet. Empty if its volumes are not known. */
export function newMounts({ userVolumes }: Node, volumes: readonly string[] | undefined): string[] {
  if (volumes === undefined || volumes.length === 0) return [];
  const missing = Object.keys(userVolumes).filter((name) => !volumes.includes(`u-${name}`));
  return missing.map((name) => `/var/mnt/${name}`);
}

/** A machine of the cluster may run another version, if `pulumi up` can upgrade it from there. */
function versionFailures(expected: string, { state, version }: MachineFacts & { state: string }): Failure[] {
  if (version === undefined || version === expected) return [];
  if (state === 'maintenance') {
    const fix = `boot it from the Talos ${expected} image, or correct TALOS_VERSION`;
    return [{ why: `runs Talos ${version}, but TALOS_VERSION is ${expected}`, fix }];
  }
  return versionStepProblems(version, expected).map(({ why, fix }) => ({ why, fix }));
}

/** Why Talos could not be installed on the disk that a node's description names. */
export function diskFailures(node: Node, file: string, disks: readonly MachineDisk[] | undefined): Failure[] {
  if (disks === undefined || installDisks(node, disks).length > 0) return [];
  const key = node.installDiskSelector === undefined ? 'installDisk' : 'installDiskSelector';
  const expected = node.installDisk ?? JSON.stringify(node.installDiskSelector);
  const found = disks.map((disk) => formatDisk(disk)).join(', ') || 'no disks';
  return [{ why: `no disk matches ${key} ${expected}; found ${found}`, fix: `correct its ${key} in ${file}` }];
}

function describeNode(
  expected: string,
  node: Node,
  { state, version, disks, links }: MachineFacts & { state: string },
): string {
  const matching = disks === undefined ? [] : installDisks(node, disks);
  const facts = [
    state === 'maintenance' ? 'maintenance mode' : 'configured by this stack',
    version === undefined ? 'Talos version unknown' : `Talos ${version}`,
    ...(version === undefined || version === expected ? [] : [`\`pulumi up\` upgrades it to ${expected}`]),
    disks === undefined ? 'disks unknown' : `installs on ${matching[0] ? formatDisk(matching[0]) : 'nothing'}`,
    ...(links === undefined ? ['links unknown'] : describeLinks(node, links)),
  ];
  const note = matching.length > 1 ? `; ${matching.length} disks match, and Talos uses the first one it finds` : '';
  return `${facts.join(', ')}${note}`;
}

function formatDisk({ dev_path: path, size }: MachineDisk): string {
  return `${path} (${formatBytes(size)})`;
}
