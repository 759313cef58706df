import * as path from 'node:path';
import { down } from '../commands/down';
import type { LabCluster, LabContext } from '../context';
import { readJson } from '../files';
import type { AgentStatus } from '../agent/status';
import { agentStatusFile } from '../agent/processes';
import { gitRemote } from '../services/git/remote';
import { readState } from '../state';
import { projectName } from '../../cluster/stackFile';
import { stackLocks } from '../up/stackLocks';
import { readStackFacts } from '../up/stackState';
import { changedFiles } from './changedFiles';
import { currentKey } from './currentKey';
import { fileMismatches } from './mismatches';
import { buildsTools } from './parts';
import { snapshotDir, type SnapshotCluster } from './record';
import { writeSnapshot } from './writeSnapshot';

/**
 * Saves the lab of a checkout, which it stops first: only then do etcd, Pulumi's state and the stand-ins agree. The lab stays
 * stopped. Replaces a snapshot of that name once the new one is complete.
 * @throws Error before it stops anything, unless every cluster is handed over and the checkout is as at the last `up`
 */
export async function saveSnapshot(
  ctx: LabContext,
  name: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = snapshotDir(ctx.root, name);
  const commit = readState(ctx.dir)?.commit;
  if (commit === undefined) throw new Error('the lab has never been fully started; run `npm run lab` first');
  for (const cluster of ctx.clusters) refuseLocked(ctx, cluster.name);
  const repository = gitRemote(ctx).dir;
  const changed = changedFiles(ctx.root, repository, commit);
  const stale = [...fileMismatches(changed), ...changed.filter(buildsTools)];
  if (stale.length > 0) {
    throw new Error(
      `the checkout has changed since the last \`up\`: ${stale.join('; ')}; run \`npm run lab\`, then save again`,
    );
  }
  const clusters = await Promise.all(ctx.clusters.map((cluster) => describeCluster(ctx, cluster, signal)));

  await down(ctx.dir, progress);
  const copied = writeSnapshot(ctx.dir, folder, {
    key: currentKey(ctx.root),
    commit,
    repository: path.relative(ctx.dir, repository),
    clusters,
  });
  progress(`snapshot "${name}": saved ${copied.files} files, ${Math.round(copied.bytes / 1e6)} MB`);
}

function refuseLocked({ root, dir }: LabContext, stack: string): void {
  const lock = stackLocks(dir, projectName(root), stack).find(({ held }) => held);
  if (lock === undefined) return;
  throw new Error(
    `stack ${stack} is in use by a Pulumi run (pid ${lock.pid}); wait for it or stop it, then save again`,
  );
}

async function describeCluster(ctx: LabContext, cluster: LabCluster, signal: AbortSignal): Promise<SnapshotCluster> {
  const { name } = cluster;
  const { handoverRevision } = await readStackFacts(ctx, name, signal).catch((error: Error) => {
    throw new Error(`cluster ${name} is not handed over: ${error.message}; run \`npm run lab\`, then save again`);
  });
  const status = readJson<AgentStatus>(agentStatusFile(ctx, name));
  // A program without a Deployment never ran.
  const programs = (status?.parts ?? []).filter(
    ({ real, deploymentVersion }) => real && deploymentVersion !== undefined,
  );
  return { name, revision: handoverRevision, programs: programs.map((program) => program.name) };
}
