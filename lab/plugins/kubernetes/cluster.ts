import { KubeApi, KubeApiError } from '../../agent/kubeApi';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderConfig } from './providerConfig';
import { readConnection } from './providerConfig';
import type { Kind } from './objects';
import { apiPath } from './objects';
import type { Properties, Property } from '../provider/properties';
import { isMap, textAt } from '../provider/properties';

/** A cluster that answered when the provider was configured, or why it did not. */
export type Cluster = { api: KubeApi } | { unreachable: string };

/** Asks the API server once, as the real provider does: a cluster that is not up by then stays unreachable for the run. */
export async function connect(config: ProviderConfig): Promise<Cluster> {
  try {
    if (config.kubeconfig === undefined) throw new Error('no kubeconfig is set on the provider');
    const api = new KubeApi(readConnection(config.kubeconfig));
    await api.request('/api');
    return { api };
  } catch (error) {
    return { unreachable: `unable to load schema information from the API server: ${(error as Error).message}` };
  }
}

/** How an object is written. */
export interface WriteOptions {
  fieldManager: string;
  serverSideApply: boolean;
  force: boolean;
  dryRun: boolean;
}

/**
 * Creates an object: server-side apply (or a plain create without it). An object that is there already is an error unless
 * `upsert`. A missing namespace is waited for a little, as it may be on its way.
 */
export async function create(
  api: KubeApi,
  kind: Kind,
  object: Properties,
  options: WriteOptions & { upsert: boolean },
): Promise<Property> {
  const namespace = textAt(object, 'metadata', 'namespace');
  const name = textAt(object, 'metadata', 'name') ?? '';
  for (let attempt = 0; ; attempt++) {
    try {
      if (!options.upsert && (await api.find(apiPath(kind, namespace, name))) !== undefined) {
        throw new KubeApiError(409, 'AlreadyExists', `${kind.resource} "${name}" already exists`);
      }
      if (options.serverSideApply) return await apply(api, kind, object, options);
      const query = { fieldManager: options.fieldManager, ...(options.dryRun ? { dryRun: 'All' } : {}) };
      return await api.request<Property>(apiPath(kind, namespace), { method: 'POST', query, body: object });
    } catch (error) {
      const missing = error instanceof KubeApiError && error.code === 404;
      if (!missing || options.dryRun || attempt === 5) throw error;
      await sleep(100 * 2 ** attempt);
    }
  }
}

/** Updates an object: server-side apply, or a merge patch without it. */
export async function update(api: KubeApi, kind: Kind, object: Properties, options: WriteOptions): Promise<Property> {
  if (options.serverSideApply) return apply(api, kind, object, options);
  const query = { fieldManager: options.fieldManager, ...(options.dryRun ? { dryRun: 'All' } : {}) };
  const path = apiPath(kind, textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
  return api.request<Property>(path, {
    method: 'PATCH',
    query,
    contentType: 'application/merge-patch+json',
    body: object,
  });
}

/** Deletes an object and waits until it is gone; one that is not there is gone already. */
export async function remove(
  api: KubeApi,
  kind: Kind,
  at: { namespace?: string; name: string },
  timeoutSeconds: number,
): Promise<void> {
  const path = apiPath(kind, at.namespace, at.name);
  const before = await api.find<Property>(path);
  if (before === undefined) return;
  await api.request(path, { method: 'DELETE', query: { propagationPolicy: 'Background' } }).catch(ignoreMissing);
  const end = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const now = await api.find<Property>(path);
    if (now === undefined || textAt(now, 'metadata', 'uid') !== textAt(before, 'metadata', 'uid')) return;
    if (Date.now() > end)
      throw new Error(
        `${kind.kind} ${at.name} still exists ${timeoutSeconds} s after it was deleted; see its finalizers`,
      );
    await sleep(500);
  }
}

/** Whether the object itself asks to win field conflicts. */
export function asksForForce(object: Properties): boolean {
  const metadata = object.metadata;
  return isMap(metadata) && textAt(metadata, 'annotations', 'pulumi.com/patchForce') === 'true';
}

async function apply(api: KubeApi, kind: Kind, object: Properties, options: WriteOptions): Promise<Property> {
  const { fieldManager, force, dryRun } = options;
  const path = apiPath(kind, textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name'));
  try {
    return await api.apply<Property>(path, object, { fieldManager, force, dryRun });
  } catch (error) {
    if (!(error instanceof KubeApiError) || error.code !== 409) throw error;
    throw new KubeApiError(
      409,
      error.reason,
      `Server-Side Apply field conflict: another field manager owns what is set here; remove the field from the program, ` +
        `or set the annotation pulumi.com/patchForce: "true" on the object to take it over: ${error.message}`,
    );
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof KubeApiError) || error.code !== 404) throw error;
}
