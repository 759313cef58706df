import * as fs from 'node:fs';

/**
 * Environment variable that every process of a lab carries and hands down. It finds what a killed process left behind,
 * also when that made a process group of its own (as Pulumi does for its plugins).
 */
export const markerVariable = 'K8S_GITOPS_LAB';

/** Owner name in the marker of everything that the lab's Pulumi runs start. */
export const pulumiOwner = 'pulumi';

/** The marker's value: the lab's folder, and which part (or `pulumi`) the process belongs to. */
export function markerFor(labDir: string, owner: string): string {
  return `${labDir}#${owner}`;
}

/** Pids of this lab's living processes: of one owner, or of all when none is given. Never the asking process itself. */
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
      continue; // Ended meanwhile, or another user's.
    }
    const entry = environment.split('\0').find((line) => line.startsWith(wanted));
    if (entry !== undefined && (owner === undefined || entry === wanted + owner)) found.push(pid);
  }
  return found;
}
