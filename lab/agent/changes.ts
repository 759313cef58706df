import type { KubeConnection } from '../../clients/kubernetes/kubeconfig';
import { keepWatching, type WatchRequest } from '../../clients/kubernetes/watch';
import { standInRules } from './standInRules';
import { watchedByProvisioners } from './volumeProvisioners';

/** Everything that a round of the agent reads: if none of it changes, the next round has nothing to do. */
const watched: readonly WatchRequest[] = [
  ...new Set([
    '/apis/apps/v1/deployments',
    '/api/v1/services',
    '/apis/cilium.io/v2/ciliumloadbalancerippools',
    ...watchedByProvisioners,
    ...standInRules.map(({ api, plural }) => `${api}/${plural}`),
  ]),
].map((path) => ({ path, metadataOnly: true, userAgent: 'k8s-gitops-lab-agent' }));

// A kind that does not exist yet appears while the cluster comes up.
const retryMilliseconds = 2_000;

/** Calls back for every change of what the agent reads, until the signal aborts. */
export async function watchChanges(
  connection: KubeConnection,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(watched.map((one) => keepWatching(connection, one, retryMilliseconds, signal, onChange)));
}
