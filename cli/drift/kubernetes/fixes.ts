import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { UserError } from '../../../clients/userError';
import { fluxStateOf, timeoutOf } from '../../../gitops/drift/fluxStates';
import { type KubernetesObject, describeObject, valueAt } from '../../../gitops/kubernetesObject';
import type { DriftContext } from '../context';
import type { DriftFix } from '../drift';
import { fluxPath } from '../flux/fluxObjects';
import { isKnown } from '../known';

/** Has Flux reconcile an object that it suspended on someone's request. Undefined for kinds that are not Flux's. */
export function resumeFix(object: KubernetesObject): DriftFix | undefined {
  const path = fluxPath(object);
  if (path === undefined) return undefined;
  const name = describeObject(object);
  return {
    describe: `resume ${name}`,
    run: (context) => reconciled(context, path, name, { spec: { suspend: null } }),
  };
}

/** Has Flux reconcile an object now, which applies again what it owns. Undefined for kinds that are not Flux's. */
export function reconcileFix(object: KubernetesObject): DriftFix | undefined {
  const path = fluxPath(object);
  if (path === undefined) return undefined;
  const name = describeObject(object);
  return { describe: `reconcile ${name}`, run: (context) => reconciled(context, path, name, {}) };
}

/** Changes an object of Flux, asks for a reconciliation, and waits until that is over. */
async function reconciled(context: DriftContext, path: string, name: string, patch: object): Promise<void> {
  const known = await context.kubernetes();
  if (!isKnown(known)) throw new UserError(`${name}: ${known.why}; ${known.todo}`);
  const api = known.value;
  const before = await api.get<KubernetesObject>(path);
  if (before === undefined) return;
  const requested = new Date().toISOString();
  const annotations = { 'reconcile.fluxcd.io/requestedAt': requested };
  await api.mergePatch(path, { ...patch, metadata: { annotations } });
  await handled(api, path, name, requested, { seconds: timeoutOf(before), signal: context.signal });
}

async function handled(
  api: KubernetesClient,
  path: string,
  name: string,
  requested: string,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const now = await api.get<KubernetesObject>(path);
    if (now === undefined) return;
    const isHandled = valueAt(now, 'status', 'lastHandledReconcileAt') === requested;
    if (isHandled && fluxStateOf(now, () => false).is !== 'reconciling') return;
    await sleep(2_000, undefined, { signal });
  }
  throw new UserError(`${name} is still being reconciled after ${seconds} s; see: flux get all -A`);
}
