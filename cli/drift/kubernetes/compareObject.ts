import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiResources } from '../../../clients/kubernetes/apiResources';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused, serverMessage } from '../../../clients/kubernetes/errors';
import { type FieldDrift, fieldDrifts } from '../../../gitops/drift/fieldDrifts';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';

/** An object as its owner applies it, and how that compares with the cluster. */
export interface Wanted {
  object: KubernetesObject;
  owner: 'kustomize-controller' | 'helm-controller';
  /** Values that must not be shown. */
  secrets: readonly string[];
  /** Whether only its absence is drift: its owner leaves an existing object alone. */
  onlyPresence: boolean;
  /** Takes out of an object what its owner does not compare. */
  without?: (object: KubernetesObject) => KubernetesObject;
}

/** Waits before the next attempt, twice as long each time: 0.1 s after the first, 6.3 s after seven in all. */
export function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return sleep(100 * 2 ** (attempt - 1), undefined, { signal });
}

/** What a comparison of one object found. */
export type ObjectResult =
  | { is: 'equal'; live: KubernetesObject }
  | { is: 'missing' }
  | { is: 'different'; live: KubernetesObject; fields: FieldDrift[] }
  /** The owner cannot apply it either. */
  | { is: 'refused'; live: KubernetesObject; why: string }
  /** The API server does not serve its kind. */
  | { is: 'unserved' }
  | { is: 'unknown'; why: string; todo: string; everyKind: boolean };

/** What a comparison needs of the cluster. */
export interface Comparer {
  api: KubernetesClient;
  resources: ApiResources;
  signal: AbortSignal;
}

// An object that changes under a comparison is read again, at last after some seconds: what is reconciled changes often.
const attempts = 7;
// A webhook or the API server may be busy for a moment; one request must not end a whole run.
const retries = { retries: 2 };

/**
 * Compares an object with the cluster: by a dry run of the apply that its owner would do, against the object as it is. Changes
 * nothing; runs admission webhooks, as every dry run does.
 * @throws KubernetesUnreachable if the API server is gone
 */
export async function compareObject(wanted: Wanted, { api, resources, signal }: Comparer): Promise<ObjectResult> {
  const { object } = wanted;
  const served = await resources.find(object.apiVersion, object.kind);
  if (served === undefined) return { is: 'unserved' };
  const path = await resources.pathOf(object);
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      const live = await api.get<KubernetesObject>(path, retries);
      if (live === undefined) return { is: 'missing' };
      if (wanted.onlyPresence) return { is: 'equal', live };
      const dryRun = await api.apply<KubernetesObject>(path, object, wanted.owner, { dryRun: true, ...retries });
      const isStable = dryRun.metadata['resourceVersion'] === live.metadata['resourceVersion'];
      if (!isStable) {
        if (attempt >= attempts) return unknown('it changes all the time', 'run drift again');
        await pause(attempt, signal);
        continue;
      }
      const { without = (same) => same, owner, secrets } = wanted;
      const compared = { live: without(live), dryRun: without(dryRun), wanted: without(object), owner, secrets };
      const fields = fieldDrifts(compared);
      return fields.length === 0 ? { is: 'equal', live } : { is: 'different', live, fields };
    } catch (error) {
      if (!(error instanceof KubernetesRefused)) throw error;
      const result = await refused(error, wanted, () => api.get<KubernetesObject>(path));
      if (result !== undefined) return result;
      if (attempt >= attempts) return unknown('it changes all the time', 'run drift again');
      await pause(attempt, signal);
    }
  }
}

/** What a refusal means; undefined if the object changed meanwhile. */
async function refused(
  error: KubernetesRefused,
  { object }: Wanted,
  read: () => Promise<KubernetesObject | undefined>,
): Promise<ObjectResult | undefined> {
  const { status, reason } = error;
  if (status === 409 && reason === 'Conflict') return undefined;
  // Validation messages quote values.
  const detail = object.kind === 'Secret' ? `the API server refuses it (${status} ${reason})` : serverMessage(error);
  if (status === 401 || status === 403) {
    const todo = `let this kubeconfig get and patch ${object.kind} (a dry run needs the right to patch)`;
    return { is: 'unknown', why: detail, todo, everyKind: true };
  }
  if (status === 404) return { is: 'missing' };
  const live = status === 422 ? await read() : undefined;
  if (live !== undefined) return { is: 'refused', live, why: detail };
  return unknown(detail, `see why with: flux diff; the dry run of ${describeObject(object)} failed`);
}

function unknown(why: string, todo: string): ObjectResult {
  return { is: 'unknown', why, todo, everyKind: false };
}
