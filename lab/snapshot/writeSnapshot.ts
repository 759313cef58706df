import * as fs from 'node:fs';
import * as path from 'node:path';
import { copyTree, type CopiedTree } from './copyTree';
import { snapshotContent, writeRecord, type SnapshotRecord } from './record';

/**
 * Copies the folder of a stopped lab and writes the record. A snapshot that is already in that folder is replaced once the new
 * one is complete.
 */
export function writeSnapshot(
  labDir: string,
  folder: string,
  about: Pick<SnapshotRecord, 'key' | 'commit' | 'repository' | 'clusters'>,
): CopiedTree {
  fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
  const unfinished = `${folder}.saving`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { mode: 0o700 });
  const copied = copyTree(labDir, snapshotContent(unfinished), { skip: isLeftOut });
  writeRecord(unfinished, { takenAt: new Date().toISOString(), labDir, ...about, ...copied });
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(unfinished, folder);
  return copied;
}

/** Logs, caches, and what the next start writes again. Paths are relative to the lab's folder. */
export function isLeftOut(relative: string, entry: Pick<fs.Dirent, 'isSymbolicLink'>): boolean {
  if (/^(lock|logs|cache|restoring)$/.test(relative)) return true;
  if (/^project\/[^/]+$/.test(relative)) return entry.isSymbolicLink();
  // Agents must report afresh; controllers unpack there; etcd preallocates its next log.
  return /^clusters\/[^/]+\/(agent\.json|host\/[^/]+\/tmp|[^/]+\/etcd\/member\/wal\/[^/]+\.tmp)$/.test(relative);
}
