import * as fs from 'node:fs';
import * as path from 'node:path';
import { takeLock } from '../lock';
import { listSnapshots, readRecord, snapshotDir } from '../snapshot/record';
import { saveSnapshot } from '../snapshot/save';
import { savedContext } from '../up/savedContext';

/** `lab snapshot save`: stops the lab and copies it. */
export async function snapshotSaveCommand(
  root: string,
  name: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ctx = savedContext(root);
  const release = takeLock(path.join(root, '.lab'), 'snapshot save');
  try {
    await saveSnapshot(ctx, name, progress, signal);
  } finally {
    release();
  }
  process.stdout.write(`the lab is down; \`npm run lab -- up --from ${name}\` or \`npm run lab\` starts it again\n`);
}

/** `lab snapshot list`: one line per snapshot. */
export function snapshotListCommand(root: string): void {
  const names = listSnapshots(root);
  if (names.length === 0) process.stdout.write('this checkout has no snapshots\n');
  for (const name of names) process.stdout.write(`${describe(root, name)}\n`);
}

/** `lab snapshot delete`. */
export function snapshotDeleteCommand(root: string, name: string): void {
  const folder = snapshotDir(root, name);
  if (!fs.existsSync(folder)) readRecord(root, name);
  fs.rmSync(folder, { recursive: true, force: true });
}

function describe(root: string, name: string): string {
  try {
    const { takenAt, commit, clusters, bytes } = readRecord(root, name);
    const names = clusters.map((cluster) => cluster.name).join(', ');
    return `${name}  ${takenAt}  ${names} at ${commit.slice(0, 12)}  ${Math.round(bytes / 1e6)} MB`;
  } catch (error) {
    return (error as Error).message;
  }
}
