import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './processIdentity';

/** Holds a lock file until `release`. */
export interface ProcessLock {
  release(): void;
}

/** The live holder of a lock file, or undefined when nobody holds it. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the lock at once, or returns undefined when a live process holds it. A dead holder's lock is taken over. */
export function tryLock(file: string): ProcessLock | undefined {
  const self = identify(process.pid);
  if (!self) throw new Error('/proc is not readable: process locks need Linux');
  const claim = `${file}.${process.pid}`;
  writeFileSync(claim, JSON.stringify(self));
  try {
    // link(2) is atomic and fails when the file is there.
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(claim, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (lockHolder(file)) return undefined;
        rmSync(file, { force: true });
      }
    }
    return undefined;
  } finally {
    unlinkSync(claim);
  }
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
