import * as fs from 'node:fs';
import * as path from 'node:path';
import { startTimeOf } from '../../tools/processIdentity';

/** A lock that a Pulumi run left on a stack of the file backend. */
export interface StackLock {
  pid: number;
  /** Whether that run is still going on. */
  held: boolean;
}

/** The locks on a stack. */
export function stackLocks(labDir: string, project: string, stack: string): StackLock[] {
  const folder = path.join(labDir, 'pulumi', 'state', '.pulumi', 'locks', 'organization', project, stack);
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    if (!name.endsWith('.json')) return [];
    const lock = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as { pid: number; timestamp: string };
    return [{ pid: lock.pid, held: startTimeOf(lock.pid) !== undefined && isPulumi(lock.pid) }];
  });
}

/** Pids are reused: the process must be a Pulumi CLI. */
function isPulumi(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'pulumi';
  } catch {
    return false;
  }
}
