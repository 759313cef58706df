import type { LabCluster, LabContext } from '../context';
import { adminClient } from '../machines/adminClient';
import { countReady, type ReadyCount } from './conditions';
import { listReleases } from './helmReleases';
import { countRecreatedPods } from './podRecorder';
import { readSettled, type Reconciled } from './readSettled';
import { reportReleases, type HelmReleaseObject, type ReleaseReport } from './releaseReport';
import { readStackFacts } from './stackState';

/** Result of `up` for one cluster. */
export interface ClusterResult {
  nodes: ReadyCount;
  phasesSeconds: Record<string, number>;
  releases: ReleaseReport[];
  kustomizations: ReadyCount;
  handover: { revision: string };
  secondUp: { changes: number };
  /** Null if the lab was interrupted and did not see the pods before the handover. */
  pods: { recreatedByHandover: number | null };
}

/** Longer than a round of reconciliations takes here, even while another lab is running. */
const settleSeconds = 300;

/** Collects the result of a cluster from its API server and its stack's state. */
export async function collectCluster(
  ctx: LabContext,
  cluster: LabCluster,
  secondUp: { changes: number },
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<ClusterResult> {
  const api = adminClient(ctx, cluster);
  if (api === undefined)
    throw new Error(`cluster ${cluster.name}: no admin kubeconfig because its etcd was not bootstrapped`);
  // Objects in a list have no kind.
  const list = async <T>(path: string, kind: string): Promise<(T & { kind: string })[]> =>
    (await api.request<{ items: T[] }>('GET', path)).items.map((item) => ({ ...item, kind }));
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
