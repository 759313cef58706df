import * as fs from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from '../files';
import { snapshotsFolder } from '../scan/stores';
import { sizeOfTree } from './copyTree';

/** A cluster in a snapshot. */
export interface SnapshotCluster {
  name: string;
  /** The commit at which it was handed over. */
  revision: string;
  /** Names of the controllers that ran on the host. */
  programs: string[];
}

/** What decides whether a snapshot fits a checkout; the files are compared by the commit. */
export interface SnapshotKey {
  /** Format of the snapshot and of the lab's state file, for example "1.2". */
  format: string;
  /** Cache keys of the lab's tools, by name. */
  tools: Record<string, string>;
  /** Versions and checksums of the pinned modules that the lab reads files from. */
  modules: Record<string, string>;
}

/** `snapshot.json`. Contains no secrets. */
export interface SnapshotRecord {
  /** ISO time. */
  takenAt: string;
  /** The folder of the lab, to which symbolic links in the copy point. */
  labDir: string;
  key: SnapshotKey;
  /** The checkout's files, as the lab's Git has them. */
  commit: string;
  /** The bare repository with that commit, relative to the lab's folder. */
  repository: string;
  clusters: SnapshotCluster[];
  /** Regular files in the copy, and the sum of their sizes. */
  files: number;
  bytes: number;
}

/** The folder of a checkout's snapshots: next to `.lab`, which `reset` deletes. */
export function snapshotsDir(root: string): string {
  return path.join(root, snapshotsFolder);
}

/** The folder of a snapshot. Throws if the name is not a plain file name. */
export function snapshotDir(root: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new Error(`snapshot name "${name}": expected lower-case letters, digits and hyphens, such as handed-over`);
  }
  return path.join(snapshotsDir(root), name);
}

/** The copy of the lab's folder in a snapshot. */
export function snapshotContent(folder: string): string {
  return path.join(folder, 'lab');
}

/** Names of the snapshots of a checkout, sorted; without those whose `save` was interrupted. */
export function listSnapshots(root: string): string[] {
  const folder = snapshotsDir(root);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => !name.endsWith('.saving') && fs.existsSync(recordFile(path.join(folder, name))))
    .sort();
}

/** Writes the record, which makes the snapshot complete. */
export function writeRecord(folder: string, record: SnapshotRecord): void {
  writePrivate(recordFile(folder), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** The record of a snapshot, whose copy is whole. Throws with what to do if there is none or it is damaged. */
export function readRecord(root: string, name: string): SnapshotRecord {
  const folder = snapshotDir(root, name);
  if (!fs.existsSync(recordFile(folder))) {
    const known = listSnapshots(root);
    const have = known.length === 0 ? 'this checkout has none' : `this checkout has: ${known.join(', ')}`;
    throw new Error(`there is no snapshot "${name}"; ${have}`);
  }
  const damaged = (problem: string): Error =>
    new Error(
      `snapshot "${name}" is damaged: ${problem}; delete it with \`npm run lab -- snapshot delete ${name}\` ` +
        'and take it again',
    );
  let record: SnapshotRecord;
  try {
    record = JSON.parse(fs.readFileSync(recordFile(folder), 'utf8')) as SnapshotRecord;
  } catch {
    throw damaged(`${recordFile(folder)} is not valid JSON`);
  }
  const content = snapshotContent(folder);
  const { files, bytes } = fs.existsSync(content) ? sizeOfTree(content) : { files: 0, bytes: 0 };
  if (files !== record.files || bytes !== record.bytes) {
    throw damaged(`${content} has ${files} files of ${bytes} bytes, expected ${record.files} of ${record.bytes}`);
  }
  return record;
}

function recordFile(folder: string): string {
  return path.join(folder, 'snapshot.json');
}
