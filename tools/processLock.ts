import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, ownIdentity, type ProcessIdentity } from './processIdentity';

/** Holds a lock file until `release`. */
export interface ProcessLock {
  release(): void;
}

/** The live holder of a lock file with what it wrote about itself, or undefined when nobody holds it. */
export function lockHolder<About extends object = object>(file: string): (ProcessIdentity & About) | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity & About;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock at once, or returns undefined when a live process holds it. A dead holder's lock is taken over.
 * @param about what others may read of the holder, beside its identity
 */
export function tryLock(file: string, about: object = {}): ProcessLock | undefined {
  const self = ownIdentity();
  if (self.startTime === '') throw new Error('/proc is not readable: process locks need Linux');
  // Written first and linked then: a reader never sees a half-written lock.
  const claim = `${file}.${process.pid}`;
  writeFileSync(claim, JSON.stringify({ ...self, ...about }), { mode: 0o600 });
  try {
    // link(2) is atomic and fails when the file is there.
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        linkSync(claim, file);
        return { release: () => releaseLock(file, self) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (lockHolder(file)) return undefined;
        rmSync(file, { force: true });
      }
    }
    return undefined;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Another process may have taken the lock over: only one's own goes. */
function releaseLock(file: string, self: ProcessIdentity): void {
  const holder = lockHolder(file);
  if (holder?.pid === self.pid && holder.startTime === self.startTime) rmSync(file, { force: true });
}

/** Waits for the lock; `onWait` is told the holder's process id once. */
export async function waitForLock(file: string, onWait: (pid: number) => void): Promise<ProcessLock> {
  let told = false;
  for (;;) {
    const lock = tryLock(file);
    if (lock) return lock;
    const holder = lockHolder(file);
    if (holder && !told) {
      told = true;
      onWait(holder.pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
