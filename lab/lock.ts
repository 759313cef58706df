import * as fs from 'node:fs';
import * as path from 'node:path';
import { lockHolder, tryLock } from '../tools/processLock';

/** What a command that holds a lab says of itself. */
interface AboutHolder {
  command: string;
}

/**
 * Takes the lab of one checkout for this process, so that two commands do not change it at once; returns the release.
 * A lock whose holder is dead is taken over.
 */
export function takeLock(labDir: string, command: string): () => void {
  fs.mkdirSync(labDir, { recursive: true, mode: 0o700 });
  const file = path.join(labDir, 'lock');
  const lock = tryLock(file, { command } satisfies AboutHolder);
  if (lock === undefined) {
    const holder = lockHolder<AboutHolder>(file);
    throw new Error(
      holder === undefined
        ? `${file} cannot be taken: other lab commands start at the same moment; try again`
        : `this lab is in use by "lab ${holder.command}" (pid ${holder.pid}); wait for it, or stop it with Ctrl-C there`,
    );
  }
  return () => {
    lock.release();
    // A command that was refused before it did anything leaves nothing behind, not even the folder.
    if (fs.existsSync(labDir) && fs.readdirSync(labDir).length === 0) fs.rmdirSync(labDir);
  };
}
