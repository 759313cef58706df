import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive, ownIdentity, type ProcessIdentity } from './process';

/** Who holds a lab: the process and what it does. */
interface Holder extends ProcessIdentity {
  command: string;
}

/**
 * Takes the lab of one checkout for this process, so that two commands do not change it at once; returns the release.
 * A lock whose holder is dead is taken over.
 */
export function takeLock(labDir: string, command: string): () => void {
  fs.mkdirSync(labDir, { recursive: true, mode: 0o700 });
  const file = path.join(labDir, 'lock');
  const mine = JSON.stringify({ ...ownIdentity(), command });
  for (let attempt = 0; attempt < 5; attempt++) {
    // Written first and linked then: a reader never sees a half-written lock.
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, mine, { mode: 0o600 });
    try {
      fs.linkSync(temporary, file);
      return () => release(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readHolder(file);
      if (holder !== undefined && isAlive(holder)) {
        throw new Error(
          `this lab is in use by "lab ${holder.command}" (pid ${holder.pid}); wait for it, or stop it with Ctrl-C there`,
        );
      }
      fs.rmSync(file, { force: true });
    } finally {
      fs.rmSync(temporary, { force: true });
    }
  }
  throw new Error(`${file} cannot be taken: other lab commands start at the same moment; try again`);
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function release(file: string): void {
  const holder = readHolder(file);
  const own = ownIdentity();
  if (holder?.pid !== own.pid || holder.startTime !== own.startTime) return;
  fs.rmSync(file, { force: true });
  // A command that was refused before it did anything leaves nothing behind, not even the folder.
  const dir = path.dirname(file);
  if (fs.readdirSync(dir).length === 0) fs.rmdirSync(dir);
}
