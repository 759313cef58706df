import { matchesGlob, selectsDisk } from '../../cluster/machine/diskMatch';

const disk = { dev_path: '/dev/nvme0n1', transport: 'nvme', size: 1_000_204_886_016, rotational: false };

test.each([
  ["disk.transport == 'nvme'", true],
  ["disk.dev_path == '/dev/nvme0n1' && !system_disk", true],
  ['disk.size > 100u * GiB && disk.size < 2u * TB', true],
  ['disk.size < 500u * GB', false],
  ["glob('/dev/nvme*', disk.dev_path)", true],
  ["'/dev/disk/by-id/x' in disk.symlinks", false],
  // What is not known does not matter if the rest decides.
  ["disk.transport == 'sata' && disk.serial == 'a'", false],
  ["disk.serial == 'a'", undefined],
  ['disk.size', undefined],
  ['disk.size >', undefined],
])('%s: %s', (expression, selects) => expect(selectsDisk(expression, disk, false)).toBe(selects));

test.each([
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['*', '', true],
  ['a.c', 'abc', false],
  ['A', 'a', false],
])('matches the pattern %s against %s: %s', (pattern, text, matches) => {
  expect(matchesGlob(pattern, text)).toBe(matches);
});
