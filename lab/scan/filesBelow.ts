import * as fs from 'node:fs';
import * as path from 'node:path';

/** All regular files at or below a path. Does not follow links; skips files that vanish in the meantime. */
export function* filesBelow(entry: string, skip: (file: string) => boolean = () => false): Generator<string> {
  if (skip(entry)) return;
  const status = fs.lstatSync(entry, { throwIfNoEntry: false });
  if (status?.isFile()) yield entry;
  if (!status?.isDirectory()) return;
  let names: string[];
  try {
    names = fs.readdirSync(entry);
  } catch {
    return;
  }
  for (const name of names) yield* filesBelow(path.join(entry, name), skip);
}
