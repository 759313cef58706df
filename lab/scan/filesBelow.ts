import * as fs from 'node:fs';
import * as path from 'node:path';

/** Every plain file of a place, which may be one itself; links are not followed, what vanishes meanwhile is left out. */
export function* filesBelow(place: string, leaveOut: (file: string) => boolean = () => false): Generator<string> {
  if (leaveOut(place)) return;
  const status = fs.lstatSync(place, { throwIfNoEntry: false });
  if (status?.isFile()) yield place;
  if (!status?.isDirectory()) return;
  let names: string[];
  try {
    names = fs.readdirSync(place);
  } catch {
    return;
  }
  for (const name of names) yield* filesBelow(path.join(place, name), leaveOut);
}
