import type { KubernetesClient } from '../../clients/kubernetes/client';
import { KubernetesUnreachable, serverMessage } from '../../clients/kubernetes/errors';
import { mapConcurrently } from '../../clients/process/mapConcurrently';
import { describeObject } from '../../gitops/kubernetesObject';
import { locate } from '../../gitops/locate';
import type { Tree, TreeCluster, TreeObject } from '../../gitops/tree';
import { ApiResources } from '../../clients/kubernetes/apiResources';

const concurrentRequests = 8;
const fieldManager = 'k8s-gitops-dry-run';

/** The API server's verdict on every object that Git has for its cluster. */
export interface DryRunResult {
  cluster: string;
  /** Number of objects sent. */
  objects: number;
  refused: { object: string; file: string; line: number; message: string }[];
  notSent: { object: string; reason: string }[];
}

/**
 * Sends every rendered object of a cluster to its API server as a server-side apply with `dryRun=All`: nothing changes
 * there. Lists are in the order in which Flux applies.
 * @throws KubernetesUnreachable if the API server does not respond
 */
export async function dryRunCluster(tree: Tree, cluster: TreeCluster, api: KubernetesClient): Promise<DryRunResult> {
  const resources = new ApiResources(api);
  const objects = cluster.objects.map((entry, index) => ({ entry, reason: whyNotSent(cluster, entry, index) }));
  const messages = await mapConcurrently(concurrentRequests, objects, async ({ entry, reason }) => {
    if (reason !== undefined) return undefined;
    try {
      const path = await resources.pathOf(entry.object);
      await api.apply(path, entry.object, fieldManager, { dryRun: true });
      return undefined;
    } catch (error) {
      if (error instanceof KubernetesUnreachable) throw error;
      return serverMessage(error);
    }
  });
  const refused = messages.flatMap((message, index) => {
    const entry = cluster.objects[index];
    if (message === undefined || entry === undefined) return [];
    return [{ object: describeObject(entry.object), ...locate(tree, entry), message }];
  });
  const skipped = objects.flatMap(({ entry, reason }) =>
    reason === undefined ? [] : [{ object: describeObject(entry.object), reason }],
  );
  const notSent = [...skipped, ...notRendered(cluster)];
  return { cluster: cluster.name, objects: cluster.objects.length - skipped.length, refused, notSent };
}

/** Why Flux would not apply the object as rendered here; undefined if it would. */
function whyNotSent(cluster: TreeCluster, { kustomization, encrypted }: TreeObject, index: number): string | undefined {
  if (encrypted === true) return 'its values are encrypted with SOPS';
  const owner = cluster.kustomizations.find(({ id }) => id === kustomization);
  if (owner?.skipped === 'suspended') return `its Kustomization ${kustomization} is suspended`;
  const unset = cluster.problems.some(({ id, object }) => object === index && id === 'variable-unset');
  return unset ? 'it uses variables that are not set' : undefined;
}

/** Kustomizations that Flux applies from another repository, or that could not be rendered. */
function notRendered({ kustomizations }: TreeCluster): DryRunResult['notSent'] {
  const reasons = {
    external: 'its source is another repository',
    failed: 'it could not be rendered: see npm run validate',
  };
  return kustomizations.flatMap(({ id, skipped }) =>
    skipped === 'external' || skipped === 'failed' ? [{ object: `Kustomization ${id}`, reason: reasons[skipped] }] : [],
  );
}
