import * as fs from 'node:fs';

/**
 * Environment variable that every process of a lab has and its children inherit. Identifies the leftovers of a killed
 * process even if they are in a process group of their own (as Pulumi's plugins are).
 */
export const markerVariable = 'K8S_GITOPS_LAB';

/** Owner in the marker of everything that the lab's Pulumi runs start. */
export const pulumiOwner = 'pulumi';

/** The marker's value: the lab's folder and the owner, which is a process of the lab or `pulumi`. */
export function markerFor(labDir: string, owner: string): string {
  return `${labDir}#${owner}`;
}

/** Pids of this lab's live processes, optionally of one owner only. Never includes the current process. */
export function findMarked(labDir: string, owner?: string): number[] {
  const wanted = `${markerVariable}=${labDir}#`;
  const found: number[] = [];
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    let environment: string;
    try {
      environment = fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
    } catch {
      continue; // Exited in the meantime, or belongs to another user.
    }
    const entry = environment.split('\0').find((line) => line.startsWith(wanted));
    if (entry !== undefined && (owner === undefined || entry === wanted + owner)) found.push(pid);
  }
  return found;
}
