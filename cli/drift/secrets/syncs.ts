import { type ConditionedObject, conditionOf } from '../../../clients/kubernetes/objects';
import { keyPath } from '../../../cluster/keyPath';
import { durationSeconds } from '../../../gitops/duration';
import { type Json, listOf, textOf, valueAt } from '../../../gitops/kubernetesObject';
import { appliedBy } from '../appliedBy';
import type { Drift } from '../drift';

/** Kinds of external-secrets that report how they fare: the plural and API version of each. */
export const syncKinds = {
  ClusterSecretStore: { plural: 'clustersecretstores', version: 'v1' },
  SecretStore: { plural: 'secretstores', version: 'v1' },
  ExternalSecret: { plural: 'externalsecrets', version: 'v1' },
  ClusterExternalSecret: { plural: 'clusterexternalsecrets', version: 'v1' },
  PushSecret: { plural: 'pushsecrets', version: 'v1alpha1' },
  ClusterPushSecret: { plural: 'clusterpushsecrets', version: 'v1alpha1' },
} as const;
export type SyncKind = keyof typeof syncKinds;

/** An object of one of these kinds. */
export interface SyncObject extends ConditionedObject {
  apiVersion: string;
  kind: SyncKind;
  spec?: { [key: string]: Json | undefined };
  status?: ConditionedObject['status'] & {
    /** ISO 8601: the last successful synchronization. */
    refreshTime?: string | null;
  };
}

/** How much later than its interval a synchronization may be: the controller may be busy, and clocks differ. */
const slackSeconds = 300;
/** What external-secrets takes as the interval if the object sets none. */
const defaultInterval = '1h';

/** How findings name an object. */
export function objectName({ kind, metadata: { namespace, name } }: Pick<SyncObject, 'kind' | 'metadata'>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/**
 * What is wrong with an object of external-secrets, in the controller's own words; undefined if it is ready, and synchronized
 * within its refresh interval. An object that is being deleted is Flux's matter.
 */
export function evaluateSync(object: SyncObject, now: Date): Drift | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined;
  const ready = conditionOf(object, 'Ready');
  const refreshed = object.status?.refreshTime ?? undefined;
  const base = {
    id: idOf(object.kind),
    layer: 'secrets' as const,
    owner: 'external-secrets',
    object: objectName(object),
    explains: explainedBy(object),
  };
  const store = /Store$/.test(object.kind);
  if (ready?.status !== 'True') {
    const message = ready?.message ?? ready?.reason ?? 'external-secrets has not reported on it';
    const last = refreshed === undefined ? '' : `; last synchronized at ${refreshed}`;
    return {
      ...base,
      why: `${message}${last}`,
      ...(ready?.lastTransitionTime !== undefined && { since: ready.lastTransitionTime }),
      todo: `correct what it says: kubectl ${namespaceFlag(object)}describe ${object.kind.toLowerCase()} ${object.metadata.name}`,
    };
  }
  // It reports success when the vault has no data, because it leaves the Secret alone.
  if (object.kind === 'ExternalSecret' && /due to DeletionPolicy=/.test(ready.message ?? '')) {
    return {
      ...base,
      why: `the vault has none of what it reads (${ready.message ?? ''})`,
      ...(refreshed !== undefined && { since: refreshed }),
      todo: 'put back what it reads, or take it out of Git',
    };
  }
  const interval = textOf(object.spec?.['refreshInterval'], defaultInterval);
  if (store || !isPeriodic(object, interval) || refreshed === undefined) return undefined;
  const due = Date.parse(refreshed) + ((durationSeconds(interval) ?? 0) + slackSeconds) * 1000;
  if (due >= now.getTime()) return undefined;
  return {
    ...base,
    why: `last synchronized at ${refreshed}, although its refresh interval is ${interval}`,
    since: refreshed,
    todo: 'find out why external-secrets does not get to it: kubectl -n external-secrets logs deployment/external-secrets',
  };
}

function idOf(kind: SyncKind): string {
  if (/Store$/.test(kind)) return 'secret-store';
  return /PushSecret$/.test(kind) ? 'push-secret' : 'external-secret';
}

function isPeriodic({ kind, spec }: SyncObject, interval: string): boolean {
  // The objects that those for a whole cluster create are synchronized, not they.
  if (kind !== 'ExternalSecret' && kind !== 'PushSecret') return false;
  const policy = textOf(spec?.['refreshPolicy'], 'Periodic');
  return policy === 'Periodic' && (durationSeconds(interval) ?? 0) > 0;
}

function namespaceFlag({ metadata: { namespace } }: SyncObject): string {
  return namespace === undefined ? '' : `-n ${namespace} `;
}

/** What waits for the object: who applied it, and the Secret that it writes. */
function explainedBy(object: SyncObject): string[] {
  const { ownerReferences = [], namespace } = object.metadata;
  // A ClusterExternalSecret reports that one of its ExternalSecrets is not ready.
  const owners = ownerReferences
    .filter(({ kind }) => kind === 'ClusterExternalSecret' || kind === 'ClusterPushSecret')
    .map(({ kind, name }) => `${kind} ${name}`);
  const written = object.kind === 'ExternalSecret' ? [`Secret ${namespace ?? ''}/${targetName(object)}`] : [];
  return [...appliedBy(object.metadata), ...owners, ...written];
}

/** The name of the Secret that an ExternalSecret writes. */
export function targetName({ spec, metadata }: Pick<SyncObject, 'spec' | 'metadata'>): string {
  return textOf(valueAt(spec, 'target', 'name')) || metadata.name;
}

/** The stores that an object uses, as findings name them. */
export function storesOf({ kind, spec, metadata: { namespace } }: SyncObject): string[] {
  const inner = /^Cluster/.test(kind)
    ? valueAt(spec, kind === 'ClusterPushSecret' ? 'pushSecretSpec' : 'externalSecretSpec')
    : spec;
  const references = [
    valueAt(inner, 'secretStoreRef'),
    ...listOf(valueAt(inner, 'secretStoreRefs')),
    ...listOf(valueAt(inner, 'data')).map((entry) => valueAt(entry, 'sourceRef', 'storeRef')),
    ...listOf(valueAt(inner, 'dataFrom')).map((entry) => valueAt(entry, 'sourceRef', 'storeRef')),
  ];
  const named = references.flatMap((reference) => {
    const name = textOf(valueAt(reference, 'name'));
    if (name === '') return [];
    const cluster = textOf(valueAt(reference, 'kind'), 'SecretStore') === 'ClusterSecretStore';
    return [cluster ? `ClusterSecretStore ${name}` : `SecretStore ${namespace ?? ''}/${name}`];
  });
  return [...new Set(named)];
}

/** The keys that a Secret must have because of an ExternalSecret; undefined if it writes none. Others may come on top. */
export function wantedKeys({ spec }: Pick<SyncObject, 'spec'>): string[] | undefined {
  const policy = textOf(valueAt(spec, 'target', 'creationPolicy'), 'Owner');
  if (policy === 'None') return undefined;
  const read = listOf(valueAt(spec, 'data')).map((entry) => textOf(valueAt(entry, 'secretKey')));
  const template = valueAt(spec, 'target', 'template');
  const written = Object.keys((valueAt(template, 'data') ?? {}) as object);
  if (written.length === 0 && listOf(valueAt(template, 'templateFrom')).length === 0) return read;
  return textOf(valueAt(template, 'mergePolicy'), 'Replace') === 'Merge'
    ? [...new Set([...read, ...written])]
    : written;
}

/** What is wrong with the Secret of an ExternalSecret that is ready; `keys` are those it has, undefined if it does not exist. */
export function evaluateTarget(object: SyncObject, keys: readonly string[] | undefined): Drift[] {
  const wanted = wantedKeys(object);
  if (wanted === undefined || object.metadata.deletionTimestamp !== undefined) return [];
  const { namespace = '', name } = object.metadata;
  const base = {
    id: 'target-secret',
    layer: 'secrets' as const,
    owner: objectName(object),
    object: `Secret ${namespace}/${targetName(object)}`,
    todo: `have it written again: kubectl -n ${namespace} annotate externalsecret ${name} force-sync="$(date +%s)" --overwrite`,
  };
  if (keys === undefined) return [{ ...base, why: 'does not exist, although its ExternalSecret is ready' }];
  return wanted
    .filter((key) => !keys.includes(key))
    .map((key) => ({ ...base, field: keyPath(['data', key]), wanted: 'a value' }));
}
