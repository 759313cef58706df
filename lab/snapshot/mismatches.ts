import { partOf } from './parts';
import type { SnapshotKey } from './record';

/** Named in a message before the rest is counted. */
const namedFiles = 3;

/** Where the keys of a snapshot and of the checkout differ, one line each; empty if they do not. */
export function keyMismatches(taken: SnapshotKey, current: SnapshotKey): string[] {
  if (taken.format !== current.format) {
    return [`format: the snapshot has ${taken.format}, this checkout reads ${current.format}`];
  }
  return [
    ...differences(taken.tools, current.tools).map(
      ([name, before, now]) => `${name}: taken with key ${before}, this checkout has key ${now}`,
    ),
    ...differences(taken.modules, current.modules).map(
      ([name, before, now]) => `module ${name}: taken with ${before}, this checkout pins ${now}`,
    ),
  ];
}

/** The parts of the lab in which files of the checkout have changed, one line each; empty if none matters. */
export function fileMismatches(changed: readonly string[]): string[] {
  const byPart = new Map<string, string[]>();
  for (const file of changed) {
    const part = partOf(file);
    if (part !== undefined) byPart.set(part, [...(byPart.get(part) ?? []), file]);
  }
  return [...byPart].sort().map(([part, files]) => {
    if (files.length === 1 && files[0] === part) return `${part}: it has changed since`;
    const named = files.slice(0, namedFiles).join(', ');
    const more = files.length > namedFiles ? ` and ${files.length - namedFiles} more` : '';
    return `${part}: changed since: ${named}${more}`;
  });
}

function differences(taken: Record<string, string>, current: Record<string, string>): [string, string, string][] {
  const names = [...new Set([...Object.keys(taken), ...Object.keys(current)])].sort();
  return names
    .filter((name) => taken[name] !== current[name])
    .map((name) => [name, taken[name] ?? 'none', current[name] ?? 'none']);
}
