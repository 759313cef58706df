import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked } from './marker';
import { isAlive, processesOfGroup, startTimeOf, type ProcessIdentity } from '../../tools/processIdentity';

/** What is needed to stop a process group that the lab leads. */
export interface StoppableGroup extends ProcessIdentity {
  name: string;
  pgid: number;
  stopSeconds?: number;
}

/** How a stop ended: it listened to TERM, needed KILL, or had ended before. */
export type StopOutcome = 'stopped' | 'killed' | 'gone';

/**
 * Ends a process group: TERM, wait, KILL. A group whose leader's pid now belongs to another process is left alone.
 * Throws when something of the group outlives KILL.
 */
export async function stopGroup(group: StoppableGroup): Promise<StopOutcome> {
  if (!isOurs(group)) return 'gone';
  signalGroup(group.pgid, 'SIGTERM');
  if (await emptied(group.pgid, (group.stopSeconds ?? 10) * 1000)) return 'stopped';
  signalGroup(group.pgid, 'SIGKILL');
  if (await emptied(group.pgid, 5000)) return 'killed';
  const left = processesOfGroup(group.pgid).join(', ');
  throw new Error(`lab: "${group.name}" does not end, not even by KILL (pids ${left}); look at them with ps`);
}

/** KILLs what carries the lab's marker (of one owner, or all) and still lives; returns how many that were. */
export async function killMarked(labDir: string, owner?: string): Promise<number> {
  const pids = findMarked(labDir, owner);
  const identities = pids.map((pid) => ({ pid, startTime: startTimeOf(pid) }));
  for (const pid of pids) signal(pid, 'SIGKILL');
  const deadline = Date.now() + 5000;
  while (identities.some((p) => p.startTime !== undefined && startTimeOf(p.pid) === p.startTime)) {
    if (Date.now() > deadline) throw new Error(`lab: pids ${pids.join(', ')} do not end, not even by KILL`);
    await sleep(20);
  }
  return pids.length;
}

/** A leader may have ended before its children: its pid is not given anew while the group has members. */
function isOurs(group: StoppableGroup): boolean {
  if (isAlive(group)) return true;
  return startTimeOf(group.pid) === undefined && processesOfGroup(group.pgid).length > 0;
}

async function emptied(pgid: number, milliseconds: number): Promise<boolean> {
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
