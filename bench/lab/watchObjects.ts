import type { KubeConnection } from '../../clients/kubernetes/kubeconfig';
import { keepWatching, type WatchRequest } from '../../clients/kubernetes/watch';
import { objectEvent, type WatchedObject } from './objectEvents';
import type { ObjectEvent } from './recording';

/** A kind of object and its collection. */
export interface Watched extends WatchRequest {
  kind: string;
}

const watched: readonly Watched[] = [
  { kind: 'Node', path: '/api/v1/nodes' },
  { kind: 'Kustomization', path: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations' },
  { kind: 'HelmRelease', path: '/apis/helm.toolkit.fluxcd.io/v2/helmreleases' },
  { kind: 'GitRepository', path: '/apis/source.toolkit.fluxcd.io/v1/gitrepositories' },
  { kind: 'OCIRepository', path: '/apis/source.toolkit.fluxcd.io/v1/ocirepositories' },
  { kind: 'HelmRevision', path: '/api/v1/secrets', query: { labelSelector: 'owner=helm' }, metadataOnly: true },
  {
    kind: 'CustomResourceDefinition',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    metadataOnly: true,
  },
];

// An API that does not exist yet appears during the recording.
const retryMilliseconds = 500;

// So that an audit log can tell the recording's own requests.
const userAgent = 'k8s-gitops-bench';

/** All kinds that a recording watches. */
export const watchedKinds: readonly Watched[] = watched;

/** Watches a cluster until the signal aborts, and reports every change of an object's state once. */
export async function watchCluster(
  connection: KubeConnection,
  onEvent: (event: ObjectEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const states = new Map<string, string>();
  await Promise.all(
    watched.map((one) =>
      keepWatching<WatchedObject>(connection, { ...one, userAgent }, retryMilliseconds, signal, (type, object) => {
        if (type === 'DELETED') return;
        const event = objectEvent(one.kind, object, Date.now());
        const key = `${event.kind} ${event.id}`;
        const state = `${event.state} ${event.message ?? ''}`;
        if (states.get(key) === state) return;
        states.set(key, state);
        onEvent(event);
      }),
    ),
  );
}
