import { pollUntil } from '../../clients/process/pollUntil';
import { fluxNamespace } from '../../cluster/bootstrapOrder';
import { readFlux } from '../../provider/resources/flux/readFlux';
import type { AgentStatus } from '../agent/status';
import { agentStatusFile } from '../agent/processes';
import type { LabContext } from '../context';
import { readJson } from '../files';
import { adminClient } from '../machines/adminClient';
import { lostHandover } from './lostHandover';
import type { SnapshotCluster, SnapshotRecord } from './record';

/** Several times what it takes while another lab is running. */
const timeoutSeconds = 180;
const intervalMilliseconds = 250;

/**
 * Waits until every cluster of a restored lab is as it was saved: its API server responds, its controllers run, and Flux
 * still has what was handed over. Throws with what is missing.
 */
export async function awaitRestored(ctx: LabContext, record: SnapshotRecord, signal: AbortSignal): Promise<void> {
  const waits = record.clusters.map((cluster) => {
    let missing: string[] = [];
    const attempt = async (): Promise<true | undefined> => {
      missing = await missingIn(ctx, cluster, record.commit);
      return missing.length === 0 ? true : undefined;
    };
    const timedOut = (): string =>
      `cluster ${cluster.name} is not as it was saved after ${timeoutSeconds} s: ${missing.join('; ')}; ` +
      'see .lab/logs, or run `npm run lab` to complete it';
    return pollUntil(attempt, { timeoutSeconds, intervalMilliseconds, signal, timedOut });
  });
  await Promise.all(waits);
}

/** What a cluster lacks in comparison with its snapshot. */
async function missingIn(ctx: LabContext, saved: SnapshotCluster, commit: string): Promise<string[]> {
  const status = readJson<AgentStatus>(agentStatusFile(ctx, saved.name));
  const stopped = notRunning(status, saved.programs);
  if (stopped.length > 0) return stopped;
  const cluster = ctx.clusters.find(({ name }) => name === saved.name);
  const api = cluster && adminClient(ctx, cluster);
  if (api === undefined) return ['it has no admin kubeconfig'];
  try {
    return lostHandover(await readFlux(api, fluxNamespace), new Set([saved.revision, commit]));
  } catch (error) {
    return [(error as Error).message];
  } finally {
    api.close();
  }
}

/**
 * The programs that the agent does not report as running. Its stand-ins do not count: their first rounds fail while the API server
 * still prepares the storage of 250 kinds.
 */
export function notRunning(status: AgentStatus | undefined, programs: readonly string[]): string[] {
  if (status === undefined) return ['its agent has not reported yet'];
  return programs.flatMap((name) => {
    const program = status.parts.find((part) => part.name === name);
    return program?.state === 'running' ? [] : [`${name}: ${program?.message ?? 'unknown to the agent'}`];
  });
}
