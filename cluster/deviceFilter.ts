import { RE2JS } from 're2js';

/** Rook's `deviceFilter`: which disks Ceph may use. */
export interface DeviceFilter {
  text: string;
  /** Whether it selects a disk of this name, such as `nvme0n1`. */
  selects(disk: string): boolean;
}

/**
 * Reads a filter as Rook does: by Go's regular expressions (pkg/daemon/ceph/osd/daemon.go of Rook 1.18), anywhere in the
 * disk's name. Rook skips every disk if it cannot read the filter. Undefined if it cannot, or if the text is empty.
 */
export function readDeviceFilter(text: string): DeviceFilter | undefined {
  if (text === '') return undefined;
  try {
    const filter = RE2JS.compile(text);
    return { text, selects: (disk) => filter.matcher(disk).find() };
  } catch {
    return undefined;
  }
}
