import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import type { StackConfig } from './stackSchema';

const key = 'ROOK_CEPH_DEVICE_FILTER';

/** What is wrong with the disks that Ceph takes for itself. A cluster without Ceph has no such setting. */
export function storageProblems({ configFile, config, source }: CheckedCluster): Problem[] {
  const text = source.values[key];
  if (text === undefined) return [];
  const line = source.line(key);
  const where = `${source.file}${line === undefined ? '' : `:${line}`} ${key}`;
  const filter = regularExpression(text);
  if (filter === undefined) {
    return [{ where, found: show(text), expected: 'a regular expression over the names of disks', fix: 'correct it' }];
  }
  const taken = installDiskNames(config.image).find((name) => filter.test(name));
  if (taken === undefined) return [];
  return [
    {
      where,
      found: show(text),
      expected: `a filter that leaves out ${taken}, which Talos may be installed on (${configFile} image)`,
      fix: 'narrow it, or choose another install disk',
    },
  ];
}

function regularExpression(text: string): RegExp | undefined {
  try {
    return text === '' ? undefined : new RegExp(text);
  } catch {
    return undefined;
  }
}

/** Names that the install disk surely or probably has; none where the stack does not say enough. */
function installDiskNames(image: StackConfig['image'] | undefined): string[] {
  const [, name] = /^\/dev\/([^/]+)$/.exec(image?.installDisk ?? '') ?? [];
  if (name !== undefined) return [name];
  const type = image?.installDiskSelector?.type;
  if (type === undefined) return [];
  return type === 'nvme' ? ['nvme0n1', 'nvme1n1'] : ['sda', 'sdb'];
}
