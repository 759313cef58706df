import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConnection } from './kubeconfig';

/** A collection to watch. */
export interface WatchRequest {
  /** For example `/apis/apps/v1/deployments`. */
  path: string;
  query?: Record<string, string>;
  /** Sends only the metadata: CRDs are large, and Secrets are secret. */
  metadataOnly?: boolean;
  userAgent?: string;
}

/** What happened to an object. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

// Without it, the API server ends a watch after a random time between 30 and 60 minutes.
const timeoutSeconds = '1800';

/**
 * One watch request, which begins with an event for each existing object. Connects directly, as the client does. Resolves
 * when the server ends it; the caller watches again.
 *
 * @throws Error if the API server cannot be reached, refuses the request (the API does not exist yet), or reports an error
 */
export function watchOnce<T>(
  connection: KubeConnection,
  { path, query = {}, metadataOnly = false, userAgent = 'k8s-gitops' }: WatchRequest,
  signal: AbortSignal,
  onEvent: (type: WatchEventType, object: T) => void,
): Promise<void> {
  const url = new URL(connection.server + path);
  url.search = new URLSearchParams({ ...query, watch: '1', timeoutSeconds }).toString();
  const options = {
    agent: false as const,
    signal,
    ca: connection.certificateAuthority,
    cert: connection.clientCertificate,
    key: connection.clientKey,
    servername: connection.serverName,
    headers: {
      accept: metadataOnly ? 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' : 'application/json',
      'user-agent': userAgent,
    },
  };
  return new Promise((resolve, reject) => {
    const request = https.get(url, options, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`watch ${path}: found status ${response.statusCode}, expected 200`));
        return;
      }
      response.setEncoding('utf8');
      response.on(
        'data',
        splitLines((line) => {
          const { type, object } = JSON.parse(line) as { type: string; object: T & { message?: string } };
          if (type === 'ERROR') {
            reject(new Error(`watch ${path}: ${object.message ?? 'ended with an error'}`));
            request.destroy();
          } else if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') onEvent(type, object);
        }),
      );
      response.on('error', reject);
      response.on('end', resolve);
    });
    request.on('error', reject);
  });
}

/**
 * Watches a collection until the signal aborts: again when the server ends a watch, and after whatever fails, because an API
 * server and most of its kinds appear only while a cluster comes up.
 */
export async function keepWatching<T>(
  connection: KubeConnection,
  request: WatchRequest,
  retryMilliseconds: number,
  signal: AbortSignal,
  onEvent: (type: WatchEventType, object: T) => void,
): Promise<void> {
  while (!signal.aborted) {
    await watchOnce(connection, request, signal, onEvent).catch(() => undefined);
    await sleep(retryMilliseconds, undefined, { signal }).catch(() => undefined);
  }
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
