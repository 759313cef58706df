import { basename } from 'node:path';

/**
 * The sha256 of a file in hex according to a publisher's checksum file: lines as sha256sum prints them, or the bare sum of
 * the one file that the checksum file belongs to. Undefined if it does not list the file, or lists two sums for it.
 */
export function checksumOf(text: string, fileName: string): string | undefined {
  const bare = /^\s*([0-9a-f]{64})\s*$/i.exec(text)?.[1];
  if (bare !== undefined) return bare.toLowerCase();
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64})[ \t]+\*?(\S+)\s*$/i.exec(line) ?? [];
    if (sum !== undefined && name !== undefined && basename(name) === fileName) found.add(sum.toLowerCase());
  }
  const [sum] = found;
  return found.size === 1 ? sum : undefined;
}
