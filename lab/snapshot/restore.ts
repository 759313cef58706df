import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import { findMarked } from '../executor/marker';
import { readState } from '../state';
import { changedFiles } from './changedFiles';
import { copyTree } from './copyTree';
import { currentKey } from './currentKey';
import { fileMismatches, keyMismatches } from './mismatches';
import { readRecord, snapshotContent, snapshotDir, type SnapshotRecord } from './record';

/**
 * Puts a snapshot in the place of the lab of a checkout, which must be stopped. The snapshot itself stays unchanged. Starts
 * nothing. The caller holds the lab's lock.
 * @throws Error before it changes anything, if the lab is running or the snapshot is damaged or does not fit the checkout
 */
export function restoreSnapshot(root: string, name: string, progress: (line: string) => void): SnapshotRecord {
  const labDir = path.join(root, '.lab');
  if ((readState(labDir)?.parts ?? []).some(isAlive) || findMarked(labDir).length > 0) {
    throw new Error(
      `the lab is running; stop it with \`npm run lab -- down\` before \`up --from ${name}\` replaces it`,
    );
  }
  const record = readRecord(root, name);
  const content = snapshotContent(snapshotDir(root, name));
  refuseMismatch(root, name, record, content);

  const staging = path.join(labDir, 'restoring');
  fs.rmSync(staging, { recursive: true, force: true });
  copyBack(content, staging, record.labDir, labDir);
  // Until here, the previous lab is whole. Without its state file, what follows is not a lab.
  const kept = new Set(['lock', 'restoring']);
  const replaced = fs.existsSync(path.join(labDir, 'state.json'));
  fs.rmSync(path.join(labDir, 'state.json'), { force: true });
  for (const entry of fs.readdirSync(labDir)) {
    if (!kept.has(entry)) fs.rmSync(path.join(labDir, entry), { recursive: true, force: true });
  }
  const entries = fs.readdirSync(staging).filter((entry) => entry !== 'state.json');
  for (const entry of [...entries, 'state.json']) fs.renameSync(path.join(staging, entry), path.join(labDir, entry));
  fs.rmdirSync(staging);
  progress(`snapshot "${name}" of ${record.takenAt} restored${replaced ? ' in place of the stopped lab' : ''}`);
  return record;
}

/**
 * Copies the content of a snapshot. Symbolic links that pointed into the saved lab then point into the lab in `labDir`, which is the
 * copy or will be.
 */
export function copyBack(content: string, to: string, savedLabDir: string, labDir = to): void {
  const inside = `${savedLabDir}${path.sep}`;
  const link = (target: string): string =>
    target.startsWith(inside) ? path.join(labDir, path.relative(savedLabDir, target)) : target;
  copyTree(content, to, { link });
}

function refuseMismatch(root: string, name: string, record: SnapshotRecord, content: string): void {
  let problems = keyMismatches(record.key, currentKey(root));
  if (problems.length === 0) {
    problems = fileMismatches(changedFiles(root, path.join(content, record.repository), record.commit));
  }
  if (problems.length === 0) return;
  throw new Error(
    [`snapshot "${name}" of ${record.takenAt} does not fit this checkout:`, ...problems]
      .join('\n  ')
      .concat(`\ntake it again: \`npm run lab\`, then \`npm run lab -- snapshot save ${name}\``),
  );
}
