import type { Image } from '../../../cluster/stackSchema';
import type { MachineDisk } from '../../../clients/talos/resources';

const units = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** Parses a size such as `400GB` (decimal) or `1 TiB` (binary) to bytes; undefined if the text is not a size. */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', unit = '', binary] = /^\s*([\d,]*\.?\d+)\s*([kmgtpe]?)(i?)b?\s*$/i.exec(text) ?? [];
  if (digits === '') return undefined;
  const base = binary === 'i' || binary === 'I' ? 1024 : 1000;
  return Math.floor(Number(digits.replaceAll(',', '')) * base ** units.indexOf(unit.toLowerCase()));
}

/** Formats a size with decimal units, as printed on disks. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** step;
  return `${number < 10 ? Math.round(number * 10) / 10 : Math.round(number)} ${(units[step] ?? '').toUpperCase()}B`;
}

/** Whether a text matches a pattern in which `*` matches any text. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** The disks that Talos can install on: by path (or a symlink to it), or by selector. Talos uses the first. */
export function installDisks(
  image: Pick<Image, 'installDisk' | 'installDiskSelector'>,
  disks: readonly MachineDisk[],
): MachineDisk[] {
  const { installDisk: path, installDiskSelector: selector } = image;
  if (selector === undefined) {
    return disks.filter((disk) => disk.dev_path === path || (disk.symlinks ?? []).includes(path ?? ''));
  }
  return disks.filter((disk) => matchesSelector(selector, disk));
}

/** Whether Talos' selector matches: a disk without a transport is virtual, and a read-only one cannot be installed on. */
function matchesSelector(selector: NonNullable<Image['installDiskSelector']>, disk: MachineDisk): boolean {
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
  return texts.every(([pattern, text]) => pattern === undefined || matchesPattern(pattern, text ?? ''));
}

function matchesSize(condition: string, size: number): boolean {
  const [, operator, text = ''] = /^\s*(<=|>=|==|<|>)?(.*)$/.exec(condition) ?? [];
  const wanted = parseBytes(text);
  if (wanted === undefined) return false;
  if (operator === '<=') return size <= wanted;
  if (operator === '>=') return size >= wanted;
  if (operator === '<') return size < wanted;
  return operator === '>' ? size > wanted : size === wanted;
}

function matchesType(type: 'hdd' | 'nvme' | 'sd' | 'ssd', disk: MachineDisk): boolean {
  if (type === 'nvme') return disk.transport === 'nvme';
  if (type === 'sd') return disk.transport === 'mmc';
  return (type === 'hdd') === (disk.rotational === true);
}
