import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import type { StackConfig } from './stackSchema';

/** Checks that Ceph leaves the install disk alone. A cluster without Ceph sets no device filter. */
export function storageProblems({ config, at, settings: { cephDeviceFilter } }: CheckedCluster): Problem[] {
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

/** Names that the install disk has or probably has; none if the configuration does not say enough. */
function installDiskNames(image: StackConfig['image'] | undefined): string[] {
  const [, name] = /^\/dev\/([^/]+)$/.exec(image?.installDisk ?? '') ?? [];
  if (name !== undefined) return [name];
  const type = image?.installDiskSelector?.type;
  if (type === undefined) return [];
  return type === 'nvme' ? ['nvme0n1', 'nvme1n1'] : ['sda', 'sdb'];
}
