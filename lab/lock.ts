import * as fs from 'node:fs';
import * as path from 'node:path';
import { lockHolder, tryLock } from '../tools/processLock';

/** What the holder of the lock records about itself. */
interface AboutHolder {
  command: string;
}

/**
 * Locks the lab of a checkout for this process, so that two commands do not change it concurrently. Returns the release
 * function. Takes over the lock of a dead process.
 * @throws Error if another command holds the lock
 */
export function takeLock(labDir: string, command: string): () => void {
  fs.mkdirSync(labDir, { recursive: true, mode: 0o700 });
  const file = path.join(labDir, 'lock');
  const lock = tryLock(file, { command } satisfies AboutHolder);
  if (lock === undefined) {
    const holder = lockHolder<AboutHolder>(file);
    throw new Error(
      holder === undefined
        ? `${file}: cannot lock it because other lab commands are starting; try again`
        : `this lab is in use by "lab ${holder.command}" (pid ${holder.pid}); wait for it, or stop it with Ctrl-C there`,
    );
  }
  return () => {
    lock.release();
    // A command that failed before it did anything leaves nothing behind, not even the folder.
    if (fs.existsSync(labDir) && fs.readdirSync(labDir).length === 0) fs.rmdirSync(labDir);
  };
}
