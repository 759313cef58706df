import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import type { StackConfig } from './stackSchema';

/** Checks Ceph's settings against the nodes and their disks. A cluster without Ceph has none of them. */
export function storageProblems(cluster: CheckedCluster): Problem[] {
  return [...deviceFilterProblems(cluster), ...monitorProblems(cluster)];
}

function deviceFilterProblems({ config, at, settings: { cephDeviceFilter } }: CheckedCluster): Problem[] {
  if (cephDeviceFilter === undefined) return [];
  const { value: filter, place: where } = cephDeviceFilter;
  const installDisk = installDiskNames(config.image).find((name) => filter.selects(name));
  if (installDisk === undefined) return [];
  return [
    {
      where,
      found: show(filter.text),
      expected: `a filter that does not match ${installDisk}, on which Talos may be installed (${at('image')})`,
      fix: 'narrow it, or choose another install disk',
    },
  ];
}

/** Kernel names of the disks that each type of Talos' disk selector matches; it counts NVMe disks as `ssd`, too. */
const namesOfType = {
  nvme: ['nvme0n1', 'nvme1n1'],
  ssd: ['sda', 'sdb', 'nvme0n1', 'nvme1n1'],
  hdd: ['sda', 'sdb'],
  sd: ['mmcblk0', 'mmcblk1'],
} as const;

/** Names that the install disk has or probably has; none if the configuration does not say enough. */
function installDiskNames(image: StackConfig['image'] | undefined): readonly string[] {
  const [, name] = /^\/dev\/([^/]+)$/.exec(image?.installDisk ?? '') ?? [];
  if (name !== undefined) return [name];
  const type = image?.installDiskSelector?.type;
  return type === undefined ? [] : namesOfType[type];
}

/** Rook starts one monitor per node and refuses to start more (preClusterStartValidation in its cluster.go). */
function monitorProblems({ config: { nodes }, settings: { cephMonCount } }: CheckedCluster): Problem[] {
  if (nodes === undefined || cephMonCount === undefined) return [];
  const { value: count, place: where } = cephMonCount;
  if (count <= nodes.length) return [];
  return [
    {
      where,
      found: show(String(count)),
      expected: `at most ${nodes.length}, the number of nodes: each runs one monitor`,
      fix: 'lower it to an odd number, or add nodes',
    },
  ];
}
