import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked } from './marker';
import { isAlive, processesOfGroup, startTimeOf, type ProcessIdentity } from '../../tools/processIdentity';

/** A process group that the lab started. */
export interface StoppableGroup extends ProcessIdentity {
  name: string;
  pgid: number;
  stopSeconds?: number;
}

/** Whether the group stopped on SIGTERM, needed SIGKILL, or had already exited. */
export type StopOutcome = 'stopped' | 'killed' | 'gone';

/**
 * Stops a process group: SIGTERM, wait, SIGKILL. A group whose leader's pid now belongs to another process is left alone.
 * Throws if a process of the group survives SIGKILL.
 */
export async function stopGroup(group: StoppableGroup): Promise<StopOutcome> {
  if (!isOurs(group)) return 'gone';
  signalGroup(group.pgid, 'SIGTERM');
  if (await isEmptyWithin(group.pgid, (group.stopSeconds ?? 10) * 1000)) return 'stopped';
  signalGroup(group.pgid, 'SIGKILL');
  if (await isEmptyWithin(group.pgid, 5000)) return 'killed';
  const left = processesOfGroup(group.pgid).join(', ');
  throw new Error(`lab: "${group.name}" survived SIGKILL (pids ${left}); inspect them with ps`);
}

/** Kills the live processes with the lab's marker (of one owner, or all); returns their number. */
export async function killMarked(labDir: string, owner?: string): Promise<number> {
  const pids = findMarked(labDir, owner);
  const identities = pids.map((pid) => ({ pid, startTime: startTimeOf(pid) }));
  for (const pid of pids) signal(pid, 'SIGKILL');
  const deadline = Date.now() + 5000;
  while (identities.some((p) => p.startTime !== undefined && startTimeOf(p.pid) === p.startTime)) {
    if (Date.now() > deadline) throw new Error(`lab: pids ${pids.join(', ')} survived SIGKILL; inspect them with ps`);
    await sleep(20);
  }
  return pids.length;
}

/** A leader may exit before its children: its pid is not reused while the group has members. */
function isOurs(group: StoppableGroup): boolean {
  if (isAlive(group)) return true;
  return startTimeOf(group.pid) === undefined && processesOfGroup(group.pgid).length > 0;
}

async function isEmptyWithin(pgid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    if (processesOfGroup(pgid).length === 0) return true;
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
}

function signalGroup(pgid: number, name: NodeJS.Signals): void {
  signal(-pgid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
