import { matchesGlob } from '../../../cluster/machine/diskMatch';
import { parseSizeCondition } from '../../../cluster/diskSize';
import type { MachineSettings } from '../../../cluster/machine/machineSchema';
import type { MachineDisk } from '../../../clients/talos/resources';

type InstallDisk = Pick<MachineSettings, 'installDisk' | 'installDiskSelector'>;

const units = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** Formats a size with decimal units, as printed on disks. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** step;
  return `${number < 10 ? Math.round(number * 10) / 10 : Math.round(number)} ${(units[step] ?? '').toUpperCase()}B`;
}

/** The disks that Talos can install on: by path (or a symlink to it), or by selector. Talos uses the first. */
export function installDisks(
  { installDisk: path, installDiskSelector: selector }: InstallDisk,
  disks: readonly MachineDisk[],
): MachineDisk[] {
  if (selector === undefined) {
    return disks.filter((disk) => disk.dev_path === path || (disk.symlinks ?? []).includes(path ?? ''));
  }
  return disks.filter((disk) => matchesSelector(selector, disk));
}

/** Whether Talos' selector matches: a disk without a transport is virtual, and a read-only one cannot be installed on. */
function matchesSelector(selector: NonNullable<InstallDisk['installDiskSelector']>, disk: MachineDisk): boolean {
  const { size, type } = selector;
  if (!disk.transport || disk.readonly === true || disk.cdrom === true) return false;
  if (size !== undefined && !matchesSize(size, disk.size)) return false;
  if (type !== undefined && !matchesType(type, disk)) return false;
  const texts = [
    [selector.model, disk.model],
    [selector.serial, disk.serial],
    [selector.wwid, disk.wwid],
    [selector.busPath, disk.bus_path],
  ];
  return texts.every(([pattern, text]) => pattern === undefined || matchesGlob(pattern, text ?? ''));
}

function matchesSize(text: string, size: number): boolean {
  const condition = parseSizeCondition(text);
  switch (condition?.operator) {
    case '<=':
      return size <= condition.bytes;
    case '>=':
      return size >= condition.bytes;
    case '<':
      return size < condition.bytes;
    case '>':
      return size > condition.bytes;
    case '==':
      return size === condition.bytes;
    case undefined:
      return false;
  }
}

function matchesType(type: 'hdd' | 'nvme' | 'sd' | 'ssd', disk: MachineDisk): boolean {
  if (type === 'nvme') return disk.transport === 'nvme';
  if (type === 'sd') return disk.transport === 'mmc';
  return (type === 'hdd') === (disk.rotational === true);
}
