import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConnection } from '../../clients/kubernetes/kubeconfig';
import { objectEvent, type WatchedObject } from './objectEvents';
import type { ObjectEvent } from './recording';

/** A kind of object and its collection. */
export interface Watched {
  kind: string;
  path: string;
  query?: Record<string, string>;
  /** Watch metadata only: CRDs are large and Secrets are secret. */
  metadataOnly?: boolean;
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

/** All kinds that a recording watches. */
export const watchedKinds: readonly Watched[] = watched;

/**
 * Watches a cluster until the signal aborts, and reports every change of an object's state once. Retries whatever fails,
 * because the API server and most of its kinds appear only during the recording.
 */
export async function watchCluster(
  connection: KubeConnection,
  onEvent: (event: ObjectEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const states = new Map<string, string>();
  await Promise.all(
    watched.map(async (one) => {
      while (!signal.aborted) {
        await watchOnce(connection, one, signal, (object) => {
          const event = objectEvent(one.kind, object, Date.now());
          const key = `${event.kind} ${event.id}`;
          const state = `${event.state} ${event.message ?? ''}`;
          if (states.get(key) === state) return;
          states.set(key, state);
          onEvent(event);
        }).catch(() => undefined);
        await sleep(retryMilliseconds, undefined, { signal }).catch(() => undefined);
      }
    }),
  );
}

/** One watch request, which begins with all existing objects. Resolves when the server ends it. */
function watchOnce(
  connection: KubeConnection,
  { path, query = {}, metadataOnly = false }: Watched,
  signal: AbortSignal,
  onObject: (object: WatchedObject) => void,
): Promise<void> {
  const url = new URL(connection.server + path);
  url.search = new URLSearchParams({ ...query, watch: '1', timeoutSeconds: '1800' }).toString();
  return new Promise((resolve, reject) => {
    const request = https.get(
      url,
      {
        agent: false,
        signal,
        ca: connection.certificateAuthority,
        cert: connection.clientCertificate,
        key: connection.clientKey,
        servername: connection.serverName,
        headers: {
          accept: metadataOnly ? 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' : 'application/json',
          'user-agent': 'k8s-gitops-bench',
        },
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          reject(new Error(`GET ${path} returns ${response.statusCode}`));
          return;
        }
        const lines = splitLines((line) => {
          const { type, object } = JSON.parse(line) as { type: string; object: WatchedObject };
          if (type === 'ADDED' || type === 'MODIFIED') onObject(object);
        });
        response.setEncoding('utf8');
        response.on('data', lines);
        response.on('error', reject);
        response.on('end', resolve);
      },
    );
    request.on('error', reject);
  });
}

/** Calls back with each complete line of a stream of text. */
export function splitLines(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  };
}
