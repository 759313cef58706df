import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/**
 * What keeps a binary from being run: it is a folder, is empty, has no execute permission, or is shorter than its own
 * headers say (ELF, 64 bit, little-endian; other formats are not looked into). Undefined if nothing does.
 */
export function binaryProblem(path: string): string | undefined {
  const stat = statSync(path);
  if (!stat.isFile()) return 'is not a file';
  if (stat.size === 0) return 'is empty';
  if ((stat.mode & 0o111) === 0) return 'is not executable';
  return isIncomplete(path) ? 'is incomplete' : undefined;
}

/** Whether an ELF file ends before the last byte that its program headers load. */
function isIncomplete(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const header = read(file, 0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) {
      return header.length >= 4 && header.readUInt32BE(0) === 0x7f454c46 && header.length < 64;
    }
    const entrySize = header.readUInt16LE(54);
    const count = header.readUInt16LE(56);
    const table = read(file, Number(header.readBigUInt64LE(32)), entrySize * count);
    if (table.length < entrySize * count) return true;
    return Array.from({ length: count }, (_, index) => index * entrySize).some(
      (at) => Number(table.readBigUInt64LE(at + 8) + table.readBigUInt64LE(at + 32)) > size,
    );
  } finally {
    closeSync(file);
  }
}

function read(file: number, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, from));
}
