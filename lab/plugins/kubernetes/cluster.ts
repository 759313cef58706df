import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused, serverMessage } from '../../../clients/kubernetes/errors';
import type { ProviderConfig } from './providerConfig';
import { readConnection } from './providerConfig';
import type { Kind } from './objects';
import { apiPath } from './objects';
import type { Properties, Property } from '../provider/properties';
import { isMap, textAt } from '../provider/properties';

/** The API of a cluster, or the reason why it was unreachable when the provider was configured. */
export type Cluster = { api: KubernetesClient } | { unreachable: string };

/** Contacts the API server once. As in the real provider, a cluster that is down then stays unreachable for the run. */
export async function connect(config: ProviderConfig): Promise<Cluster> {
  try {
    if (config.kubeconfig === undefined) throw new Error('no kubeconfig is set on the provider');
    const api = new KubernetesClient(readConnection(config.kubeconfig), undefined, 10);
    await api.request('GET', '/api');
    return { api };
  } catch (error) {
    return { unreachable: `unable to load schema information from the API server: ${serverMessage(error)}` };
  }
}

export interface WriteOptions {
  fieldManager: string;
  serverSideApply: boolean;
  force: boolean;
  dryRun: boolean;
}

/**
 * Creates an object by server-side apply or, if that is disabled, by POST. Fails if the object exists, unless `upsert`
 * is set. Retries for a few seconds while the namespace is missing, as it may be created at the same time.
 */
export async function create(
  api: KubernetesClient,
  kind: Kind,
  object: Properties,
  options: WriteOptions & { upsert: boolean },
): Promise<Property> {
  const namespace = textAt(object, 'metadata', 'namespace');
  const name = textAt(object, 'metadata', 'name') ?? '';
  for (let attempt = 0; ; attempt++) {
    try {
      if (!options.upsert && (await api.get(apiPath(kind, namespace, name))) !== undefined) {
        throw conflict(api, 'AlreadyExists', `${kind.resource} "${name}" already exists`);
      }
      if (options.serverSideApply) return await apply(api, kind, object, options);
      const query = { fieldManager: options.fieldManager, ...(options.dryRun ? { dryRun: 'All' } : {}) };
      return await api.request<Property>('POST', apiPath(kind, namespace), { query, body: object });
    } catch (error) {
      const missing = error instanceof KubernetesRefused && error.status === 404;
      if (!missing || options.dryRun || attempt === 5) throw error;
      await sleep(100 * 2 ** attempt);
    }
  }
}

/** Updates an object by server-side apply or, if that is disabled, by merge patch. */
export async function update(
  api: KubernetesClient,
  kind: Kind,
  object: Properties,
  options: WriteOptions,
): Promise<Property> {
  if (options.serverSideApply) return apply(api, kind, object, options);
  const query = { fieldManager: options.fieldManager, ...(options.dryRun ? { dryRun: 'All' } : {}) };
  const path = apiPath(kind, textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
  return api.request<Property>('PATCH', path, {
    query,
    contentType: 'application/merge-patch+json',
    body: object,
  });
}

/** Deletes an object and waits until it no longer exists. A missing object is not an error. */
export async function remove(
  api: KubernetesClient,
  kind: Kind,
  at: { namespace?: string; name: string },
  timeoutSeconds: number,
): Promise<void> {
  const path = apiPath(kind, at.namespace, at.name);
  const before = await api.get<Property>(path);
  if (before === undefined) return;
  await api.request('DELETE', path, { query: { propagationPolicy: 'Background' } }).catch(ignoreMissing);
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const current = await api.get<Property>(path);
    if (current === undefined || textAt(current, 'metadata', 'uid') !== textAt(before, 'metadata', 'uid')) return;
    if (Date.now() > deadline)
      throw new Error(
        `${kind.kind} ${at.name} still exists ${timeoutSeconds} s after its deletion; check its finalizers`,
      );
    await sleep(500);
  }
}

/** Whether the object has the annotation that forces field conflicts. */
export function hasForceAnnotation(object: Properties): boolean {
  const metadata = object.metadata;
  return isMap(metadata) && textAt(metadata, 'annotations', 'pulumi.com/patchForce') === 'true';
}

async function apply(api: KubernetesClient, kind: Kind, object: Properties, options: WriteOptions): Promise<Property> {
  const { fieldManager, force, dryRun } = options;
  const path = apiPath(kind, textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
  try {
    return await api.apply<Property>(path, object, fieldManager, { force, dryRun });
  } catch (error) {
    if (!(error instanceof KubernetesRefused) || error.status !== 409) throw error;
    throw conflict(
      api,
      error.reason,
      `Server-Side Apply field conflict: another field manager owns a field that is set here; remove the field from the program, ` +
        `or set the annotation pulumi.com/patchForce: "true" on the object to take it over: ${error.detail}`,
    );
  }
}

function conflict(api: KubernetesClient, reason: string, message: string): KubernetesRefused {
  return new KubernetesRefused(409, 'the object', message, api.connection.server, reason);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof KubernetesRefused) || error.status !== 404) throw error;
}
