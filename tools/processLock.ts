import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, ownIdentity, type ProcessIdentity } from './processIdentity';

/** A lock that this process holds. */
export interface ProcessLock {
  release(): void;
}

/** The live holder of a lock file with what it recorded about itself; undefined if the lock is free. */
export function lockHolder<About extends object = object>(file: string): (ProcessIdentity & About) | undefined {
  const text = readIfPresent(file);
  return text === undefined ? undefined : liveHolder<About>(text);
}

/**
 * Takes the lock, or returns undefined if a live process holds it. A dead holder's lock is taken over immediately.
 *
 * Why not proper-lockfile: it detects a dead holder by the lock's age (at least 2 s, so a killed command blocks the next
 * one, and a live holder with a busy event loop loses its lock), and it removes a stale lock without checking that it is
 * still the same one, so that two processes can both take over. tests/tools/processLock.test.ts ("has exactly one holder
 * at a time") shows it.
 *
 * @param about what others can read about the holder, in addition to its identity
 */
export function tryLock(file: string, about: object = {}): ProcessLock | undefined {
  const self = ownIdentity();
  if (self.startTime === '') throw new Error('/proc is not readable: process locks need Linux');
  // Complete before it gets the lock's name: readers never see a half-written lock.
  const claim = `${file}.${process.pid}`;
  writeFileSync(claim, JSON.stringify({ ...self, ...about }), { mode: 0o600 });
  try {
    for (;;) {
      if (linkIfAbsent(claim, file)) break;
      const found = readIfPresent(file);
      if (found === undefined) continue;
      if (liveHolder(found)) return undefined;
      const outcome = replaceDead(claim, file, found);
      if (outcome === 'busy') return undefined;
      if (outcome === 'replaced') break;
    }
    return { release: () => releaseLock(file, self) };
  } finally {
    rmSync(claim, { force: true });
  }
}

/**
 * Replaces a dead holder's lock with our claim, guarded by a second lock whose name is a hash of the dead lock's text. Under
 * that guard it checks that the dead lock is still in place, so that it never replaces the lock of a faster process.
 */
function replaceDead(claim: string, file: string, dead: string): 'replaced' | 'changed' | 'busy' {
  const takeover = tryLock(`${file}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`);
  if (!takeover) return 'busy';
  try {
    if (readIfPresent(file) !== dead) return 'changed';
    renameSync(claim, file);
    return 'replaced';
  } finally {
    takeover.release();
  }
}

/** Another process may hold the lock by now: removes only our own. */
function releaseLock(file: string, self: ProcessIdentity): void {
  const holder = lockHolder(file);
  if (holder?.pid === self.pid && holder.startTime === self.startTime) rmSync(file, { force: true });
}

/** Waits for the lock; `onWait` receives the holder's process id once. */
export async function waitForLock(file: string, onWait: (pid: number) => void): Promise<ProcessLock> {
  let reported = false;
  for (;;) {
    const lock = tryLock(file);
    if (lock) return lock;
    const holder = lockHolder(file);
    if (holder && !reported) {
      reported = true;
      onWait(holder.pid);
    }
    await sleep(500);
  }
}

/** link(2) is atomic and fails if the target exists. */
function linkIfAbsent(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function liveHolder<About extends object>(text: string): (ProcessIdentity & About) | undefined {
  try {
    const holder = JSON.parse(text) as ProcessIdentity & About;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}
