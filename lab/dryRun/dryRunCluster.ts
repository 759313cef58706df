import { describeObject } from '../../gitops/kubernetesObject';
import { locate } from '../../gitops/locate';
import type { Tree, TreeCluster, TreeObject } from '../../gitops/tree';
import { inParallel } from '../../clients/process/inParallel';
import { type KubeApi, UnreachableError } from '../agent/kubeApi';
import { ApiResources } from './apiResources';

/** Requests on their way at once. */
const atOnce = 8;
const fieldManager = 'k8s-gitops-admit';

/** What an API server says of everything that Git has for its cluster. */
export interface DryRunResult {
  cluster: string;
  /** Objects that were sent. */
  objects: number;
  refused: { object: string; file: string; line: number; message: string }[];
  notSent: { object: string; reason: string }[];
}

/**
 * Sends every rendered object of a cluster to its API server as a server-side apply that is only tried (dry run): nothing
 * changes there. Lists are in the order in which Flux applies.
 * @throws UnreachableError when the API server does not answer
 */
export async function admitCluster(tree: Tree, cluster: TreeCluster, api: KubeApi): Promise<DryRunResult> {
  const resources = new ApiResources(api);
  const asked = cluster.objects.map((one, index) => ({ one, reason: whyNotSent(cluster, one, index) }));
  const answers = await inParallel(atOnce, asked, async ({ one, reason }) => {
    if (reason !== undefined) return undefined;
    try {
      const path = await resources.pathOf(one.object);
      await api.apply(path, one.object, { fieldManager, force: true, dryRun: true });
      return undefined;
    } catch (error) {
      if (error instanceof UnreachableError) throw error;
      return (error as Error).message;
    }
  });
  const refused = answers.flatMap((message, index) => {
    const one = cluster.objects[index];
    if (message === undefined || one === undefined) return [];
    return [{ object: describeObject(one.object), ...locate(tree, one), message }];
  });
  const kept = asked.flatMap(({ one, reason }) =>
    reason === undefined ? [] : [{ object: describeObject(one.object), reason }],
  );
  const notSent = [...kept, ...notRendered(cluster)];
  return { cluster: cluster.name, objects: cluster.objects.length - kept.length, refused, notSent };
}

/** Why an object would not be on the cluster as it stands here. */
function whyNotSent(cluster: TreeCluster, { kustomization, encrypted }: TreeObject, index: number): string | undefined {
  if (encrypted === true) return 'SOPS hides its values';
  const owner = cluster.kustomizations.find(({ id }) => id === kustomization);
  if (owner?.skipped === 'suspended') return `its Kustomization ${kustomization} is suspended`;
  const unset = cluster.problems.some(({ id, object }) => object === index && id === 'variable-unset');
  return unset ? 'its text has variables that nothing sets' : undefined;
}

/** What Flux applies from elsewhere, or what could not be rendered. */
function notRendered({ kustomizations }: TreeCluster): DryRunResult['notSent'] {
  const reasons = {
    external: 'its source is another repository',
    failed: 'it could not be rendered: see npm run validate',
  };
  return kustomizations.flatMap(({ id, skipped }) =>
    skipped === 'external' || skipped === 'failed' ? [{ object: `Kustomization ${id}`, reason: reasons[skipped] }] : [],
  );
}
