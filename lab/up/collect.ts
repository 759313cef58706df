import type { LabCluster, LabContext } from '../context';
import { countReady, type Conditioned, type ReadyCount } from './conditions';
import { listReleases } from './helmReleases';
import { connect, countRecreatedPods } from './podRecorder';
import { reportReleases, type HelmReleaseObject, type ReleaseReport } from './releaseReport';
import { readStackFacts } from './stackState';

/** What `up` found in one cluster. */
export interface ClusterResult {
  nodes: ReadyCount;
  phasesSeconds: Record<string, number>;
  releases: ReleaseReport[];
  kustomizations: ReadyCount;
  handover: { revision: string };
  secondUp: { changes: number };
  /** Null when an interrupted run kept the lab from seeing the pods before the handover. */
  pods: { recreatedByHandover: number | null };
}

/** Asks a cluster and its stack's state for everything the lab's result shows of it. */
export async function collectCluster(
  ctx: LabContext,
  cluster: LabCluster,
  secondUp: { changes: number },
  signal: AbortSignal,
): Promise<ClusterResult> {
  const api = connect(ctx, cluster);
  if (api === undefined) throw new Error(`cluster ${cluster.name}: no admin kubeconfig; its etcd was not bootstrapped`);
  try {
    const facts = await readStackFacts(ctx, cluster.name, signal);
    const list = async <T>(path: string): Promise<T[]> => (await api.request<{ items: T[] }>(path)).items;
    const helmReleases = await list<HelmReleaseObject>('/apis/helm.toolkit.fluxcd.io/v2/helmreleases');
    return {
      nodes: countReady(await list<Conditioned>('/api/v1/nodes')),
      phasesSeconds: facts.phasesSeconds,
      releases: reportReleases(await listReleases(api), helmReleases, facts.installed),
      kustomizations: countReady(await list<Conditioned>('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations')),
      handover: { revision: facts.handoverRevision },
      secondUp,
      pods: { recreatedByHandover: await countRecreatedPods(ctx, cluster, api) },
    };
  } finally {
    api.close();
  }
}
