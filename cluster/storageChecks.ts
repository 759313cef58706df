import type { CheckedCluster } from './checkedCluster';
import { type DiskFacts, selectsDisk } from './machine/diskMatch';
import { type CheckedMachine, onceEach } from './machine/machines';
import type { MachineSettings } from './machine/machineSchema';
import { type Problem, show } from './problems';
import type { Node } from './stackSchema';

type Provisioning = NonNullable<MachineSettings['userVolumes'][string]['provisioning']>;

/** Checks the settings of Ceph and OpenEBS against the nodes and their disks. A cluster without Ceph has none of its. */
export function storageProblems(cluster: CheckedCluster): Problem[] {
  return [
    ...deviceFilterProblems(cluster),
    ...monitorProblems(cluster),
    ...volumeDiskProblems(cluster),
    ...localVolumeProblems(cluster),
  ];
}

function deviceFilterProblems({ machines = [], settings: { cephDeviceFilter } }: CheckedCluster): Problem[] {
  if (cephDeviceFilter === undefined) return [];
  const { value: filter, place: where } = cephDeviceFilter;
  const problems = machines.flatMap(({ node, at }): Problem[] => {
    const disk = installDiskNames(node).find((name) => filter.selects(name));
    if (disk === undefined) return [];
    const key = node.installDiskSelector === undefined ? 'installDisk' : 'installDiskSelector';
    return [
      {
        where,
        found: show(filter.text),
        expected: `a filter that does not match ${disk}, on which Talos may be installed (${at(key)})`,
        fix: 'narrow it, or choose another install disk',
      },
    ];
  });
  return onceEach(problems);
}

/** Kernel names of the disks that each type of Talos' disk selector matches; it counts NVMe disks as `ssd`, too. */
const namesOfType = {
  nvme: ['nvme0n1', 'nvme1n1'],
  ssd: ['sda', 'sdb', 'nvme0n1', 'nvme1n1'],
  hdd: ['sda', 'sdb'],
  sd: ['mmcblk0', 'mmcblk1'],
} as const;

/** Names that the install disk has or probably has; none if the configuration does not say enough. */
function installDiskNames({ installDisk, installDiskSelector }: Node): readonly string[] {
  const [, name] = /^\/dev\/([^/]+)$/.exec(installDisk ?? '') ?? [];
  if (name !== undefined) return [name];
  const type = installDiskSelector?.type;
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

/** Disks as machines have them, by their kernel names: what an expression asks of them besides is not known. */
const usualDisks: readonly DiskFacts[] = [
  ...['sda', 'sdb', 'sdc', 'sdd'].map((name) => ({ dev_path: `/dev/${name}`, transport: 'sata' })),
  ...[0, 1, 2, 3].map((index) => ({ dev_path: `/dev/nvme${index}n1`, transport: 'nvme', rotational: false })),
  ...['vda', 'vdb'].map((name) => ({ dev_path: `/dev/${name}`, transport: 'virtio' })),
];

/** The names of the usual disks that the volume may be made on, of those that `isAsked` is about. */
function disksOf(
  { node }: CheckedMachine,
  match: string | undefined,
  isAsked: (name: string, isInstallDisk: boolean) => boolean,
): string[] {
  const installed = installDiskNames(node);
  return usualDisks.flatMap((disk) => {
    const name = disk.dev_path.replace('/dev/', '');
    const isInstallDisk = installed.length === 1 && installed.includes(name);
    return isAsked(name, isInstallDisk) && selectsDisk(match ?? '', disk, isInstallDisk) === true ? [name] : [];
  });
}

/** Volumes of Talos on disks that Ceph takes: whoever comes first has the disk. */
function volumeDiskProblems({ machines = [], settings: { cephDeviceFilter } }: CheckedCluster): Problem[] {
  if (cephDeviceFilter === undefined) return [];
  const { value: filter, place, label } = cephDeviceFilter;
  const problems = machines.flatMap((machine) =>
    (['userVolumes', 'rawVolumes', 'swapVolumes'] as const).flatMap((key) =>
      Object.entries<{ provisioning?: Provisioning }>(machine.node[key]).flatMap(
        ([name, { provisioning }]): Problem[] => {
          const match = provisioning?.diskSelector?.match;
          const [disk] = disksOf(machine, match, (candidate) => filter.selects(candidate));
          if (disk === undefined) return [];
          return [
            {
              where: machine.at(key, name, 'provisioning', 'diskSelector', 'match'),
              found: show(match),
              expected: `a disk that Ceph does not take: ${label} ${show(filter.text)} matches ${disk} too`,
              fix: `narrow it, or ${place}`,
            },
          ];
        },
      ),
    ),
  );
  return onceEach(problems);
}

/** Where Talos mounts the volumes of a machine. */
const mountFolder = '/var/mnt';

/** The volume that OpenEBS stores in: not on the disk that Talos is installed on, where a folder would do. */
function localVolumeProblems({ machines = [], settings: { openebsBasePath } }: CheckedCluster): Problem[] {
  if (openebsBasePath === undefined) return [];
  const [name = ''] = openebsBasePath.value.slice(mountFolder.length + 1).split('/');
  const problems = machines.flatMap((machine): Problem[] => {
    const match = machine.node.userVolumes[name]?.provisioning?.diskSelector?.match;
    const [disk] = disksOf(machine, match, (_name, isInstallDisk) => isInstallDisk);
    if (disk === undefined) return [];
    return [
      {
        where: machine.at('userVolumes', name, 'provisioning', 'diskSelector', 'match'),
        found: show(match),
        expected: `a disk of its own for ${openebsBasePath.label}; it matches ${disk} too, on which Talos is installed`,
        fix: 'add && !system_disk',
      },
    ];
  });
  return onceEach(problems);
}
