import type { LabCluster, LabContext } from '../context';
import { countReady, type ReadyCount } from './conditions';
import { listReleases } from './helmReleases';
import { connect, countRecreatedPods } from './podRecorder';
import { readSettled, type Reconciled } from './readSettled';
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

/** Longer than one round of reconciliations takes here, beside another lab. */
const settleSeconds = 300;

/** Asks a cluster and its stack's state for everything the lab's result shows of it. */
export async function collectCluster(
  ctx: LabContext,
  cluster: LabCluster,
  secondUp: { changes: number },
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<ClusterResult> {
  const api = connect(ctx, cluster);
  if (api === undefined) throw new Error(`cluster ${cluster.name}: no admin kubeconfig; its etcd was not bootstrapped`);
  // Objects of a list do not say their kind.
  const list = async <T>(path: string, kind: string): Promise<(T & { kind: string })[]> =>
    (await api.request<{ items: T[] }>(path)).items.map((item) => ({ ...item, kind }));
  const read = async () => ({
    nodes: await list<Reconciled>('/api/v1/nodes', 'Node'),
    kustomizations: await list<Reconciled>('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations', 'Kustomization'),
    helmReleases: await list<HelmReleaseObject>('/apis/helm.toolkit.fluxcd.io/v2/helmreleases', 'HelmRelease'),
  });
  try {
    const facts = await readStackFacts(ctx, cluster.name, signal);
    const { nodes, kustomizations, helmReleases } = await readSettled(read, (found) => Object.values(found).flat(), {
      seconds: settleSeconds,
      intervalMilliseconds: 2000,
      progress: (line) => progress(`${cluster.name}: ${line}`),
      signal,
    });
    return {
      nodes: countReady(nodes),
      phasesSeconds: facts.phasesSeconds,
      releases: reportReleases(await listReleases(api), helmReleases, facts.installed),
      kustomizations: countReady(kustomizations),
      handover: { revision: facts.handoverRevision },
      secondUp,
      pods: { recreatedByHandover: await countRecreatedPods(ctx, cluster, api) },
    };
  } finally {
    api.close();
  }
}
