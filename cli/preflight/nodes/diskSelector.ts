import type { Image } from '../../../cluster/stackSchema';
import type { MachineDisk } from '../../../clients/talos/resources';

const units = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** A number of bytes such as `400GB` (thousands) or `1 TiB` (of 1024); nothing if the text is none. */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', unit = '', binary] = /^\s*([\d,]*\.?\d+)\s*([kmgtpe]?)(i?)b?\s*$/i.exec(text) ?? [];
  if (digits === '') return undefined;
  const base = binary === 'i' || binary === 'I' ? 1024 : 1000;
  return Math.floor(Number(digits.replaceAll(',', '')) * base ** units.indexOf(unit.toLowerCase()));
}

/** A size for people, in thousands, as disks are sold. */
export function showBytes(bytes: number): string {
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** step;
  return `${number < 10 ? Math.round(number * 10) / 10 : Math.round(number)} ${(units[step] ?? '').toUpperCase()}B`;
}

/** Whether a text fits a pattern in which `*` stands for anything. */
export function fitsPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** The disks that Talos could install on: by path (or one of its links), or by the selector. Talos takes the first. */
export function installDisks(
  image: Pick<Image, 'installDisk' | 'installDiskSelector'>,
  disks: readonly MachineDisk[],
): MachineDisk[] {
  const { installDisk: path, installDiskSelector: selector } = image;
  if (selector === undefined) {
    return disks.filter((disk) => disk.dev_path === path || (disk.symlinks ?? []).includes(path ?? ''));
  }
  return disks.filter((disk) => fitsSelector(selector, disk));
}

/** Talos' own conditions: what has no transport is no hardware, and what cannot be written is no disk to install on. */
function fitsSelector(selector: NonNullable<Image['installDiskSelector']>, disk: MachineDisk): boolean {
  const { size, type } = selector;
  if (!disk.transport || disk.readonly === true || disk.cdrom === true) return false;
  if (size !== undefined && !fitsSize(size, disk.size)) return false;
  if (type !== undefined && !fitsType(type, disk)) return false;
  const texts = [
    [selector.model, disk.model],
    [selector.serial, disk.serial],
    [selector.wwid, disk.wwid],
    [selector.busPath, disk.bus_path],
  ];
  return texts.every(([pattern, text]) => pattern === undefined || fitsPattern(pattern, text ?? ''));
}

function fitsSize(condition: string, size: number): boolean {
  const [, operator, text = ''] = /^\s*(<=|>=|==|<|>)?(.*)$/.exec(condition) ?? [];
  const wanted = parseBytes(text);
  if (wanted === undefined) return false;
  if (operator === '<=') return size <= wanted;
  if (operator === '>=') return size >= wanted;
  if (operator === '<') return size < wanted;
  return operator === '>' ? size > wanted : size === wanted;
}

function fitsType(type: 'hdd' | 'nvme' | 'sd' | 'ssd', disk: MachineDisk): boolean {
  if (type === 'nvme') return disk.transport === 'nvme';
  if (type === 'sd') return disk.transport === 'mmc';
  return (type === 'hdd') === (disk.rotational === true);
}
