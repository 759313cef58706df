import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { latestWarning } from '../../../clients/kubernetes/diagnostics';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import { conditionOf, type KubeObject } from '../../../clients/kubernetes/objects';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { messageOf } from '../../../clients/userError';
import { textOf, valueAt } from '../../../gitops/kubernetesObject';
import type { DriftContext } from '../context';
import type { CouldNotTell, Drift, LayerFindings } from '../drift';
import { isKnown } from '../known';
import { pulumiUp } from '../pulumi/up';
import { type ReadSyncs, readSyncs, secretPath } from './readSyncs';
import { evaluateSeeded, type SeededSecret, seededSecrets, withConnectToken } from './seededSecrets';
import { evaluateSync, evaluateTarget, objectName, storesOf, type SyncObject } from './syncs';

/** How long something may be wrong without being reported: the controller repeats what failed by chance. */
const pauseMilliseconds = 4_000;

/** What the cluster has; `objects` is absent if the cluster could not be read. */
export type InCluster = LayerFindings & { objects?: SyncObject[] };

/** Compares what the cluster has of secrets, and reports what is wrong twice in a row, `pause` milliseconds apart. */
export async function inCluster(context: DriftContext, pause = pauseMilliseconds): Promise<InCluster> {
  const kubernetes = await context.kubernetes();
  const nothing = (why: string, todo: string): InCluster => ({
    ...{ drift: [], compared: 0 },
    couldNotTell: [{ layer: 'secrets', object: 'the secrets in the cluster', why, todo }],
  });
  if (!isKnown(kubernetes)) return nothing(kubernetes.why, kubernetes.todo);
  try {
    return await compareCluster(context, kubernetes.value, pause);
  } catch (error) {
    context.signal.throwIfAborted();
    return nothing(messageOf(error), 'run drift again');
  }
}

async function compareCluster(context: DriftContext, client: KubernetesClient, pause: number): Promise<InCluster> {
  const seeded = seededOf(context);
  const first = await readAndEvaluate(client, seeded, context.stack);
  if (first.drift.length === 0) return first;
  await sleep(pause, undefined, { signal: context.signal });
  const second = await readAndEvaluate(client, seeded, context.stack);
  const before = new Set(first.drift.map(({ object, field = '' }) => `${object} ${field}`));
  const lasting = second.drift.filter(({ object, field = '' }) => before.has(`${object} ${field}`));
  const drift = await mapConcurrently(4, lasting, (finding) => withReason(client, finding, second.objects ?? []));
  return { ...second, drift };
}

/** A finding with the reason that external-secrets gives in an event: its conditions say only what failed. */
async function withReason(client: KubernetesClient, finding: Drift, objects: readonly SyncObject[]): Promise<Drift> {
  const object = objects.find((one) => objectName(one) === finding.object);
  if (object === undefined || conditionOf(object, 'Ready')?.status !== 'False') return finding;
  try {
    const reason = await latestWarning(client, object);
    return reason === undefined ? finding : { ...finding, why: `${finding.why}: ${reason}` };
  } catch (error) {
    // A reader need not see events, and the finding stands without.
    if (error instanceof KubernetesRefused) return finding;
    throw error;
  }
}

/** The Secrets that the program created, as far as the state and the configuration are known. */
function seededOf({ state, secrets, definition }: DriftContext): SeededSecret[] | CouldNotTell {
  const known = isKnown(state) ? seededSecrets(state.value) : [];
  if (isKnown(secrets)) return withConnectToken(known, definition.connect.tokenSecret, secrets.value.connectToken);
  if (isKnown(state)) return known;
  return { layer: 'secrets', object: 'the Secrets that the program created', ...state };
}

async function readAndEvaluate(
  client: KubernetesClient,
  seeded: SeededSecret[] | CouldNotTell,
  stack: string,
): Promise<InCluster> {
  const { objects, targets, couldNotTell } = await readSyncs(client);
  const now = new Date();
  const syncs = objects.flatMap((object) => evaluateSync(object, now) ?? []);
  const drift = [
    ...syncs.map((finding) => withUsers(finding, objects)),
    ...evaluateTargets(objects, targets, new Set(syncs.map(({ object }) => object))),
  ];
  const result = { drift, couldNotTell, compared: objects.length + targets.size, objects };
  if (!Array.isArray(seeded)) return { ...result, couldNotTell: [...couldNotTell, seeded] };
  for (const secret of seeded) {
    const data = await readSecret(client, secret);
    if (data instanceof KubernetesRefused) {
      const object = `Secret ${secret.namespace}/${secret.name}`;
      couldNotTell.push({ layer: 'secrets', object, why: data.message, todo: 'use a kubeconfig that may read it' });
      continue;
    }
    result.compared += 1;
    const found = evaluateSeeded(secret, data, stack, storesWith(secret, objects));
    drift.push(...found.map((one) => ({ ...one, fix: pulumiUp(stack) })));
  }
  return result;
}

function evaluateTargets(
  objects: readonly SyncObject[],
  targets: ReadSyncs['targets'],
  wrong: ReadonlySet<string>,
): Drift[] {
  return objects
    .filter((object) => targets.has(objectName(object)) && !wrong.has(objectName(object)))
    .flatMap((object) => evaluateTarget(object, targets.get(objectName(object))));
}

/** A store that is not ready explains everything that uses it. */
function withUsers(finding: Drift, objects: readonly SyncObject[]): Drift {
  if (finding.id !== 'secret-store') return finding;
  const users = objects.filter((object) => storesOf(object).includes(finding.object));
  return { ...finding, explains: [...(finding.explains ?? []), ...users.map((object) => objectName(object))] };
}

/** The stores of 1Password that read their token from a Secret. */
function storesWith({ namespace, name }: SeededSecret, objects: readonly SyncObject[]): string[] {
  return objects
    .filter((object) => {
      const reference = valueAt(
        object.spec,
        ...['provider', 'onepassword', 'auth', 'secretRef', 'connectTokenSecretRef'],
      );
      const own = object.metadata.namespace ?? '';
      return textOf(valueAt(reference, 'name')) === name && textOf(valueAt(reference, 'namespace'), own) === namespace;
    })
    .map((object) => objectName(object));
}

async function readSecret(
  client: KubernetesClient,
  { namespace, name }: SeededSecret,
): Promise<Record<string, string> | undefined | KubernetesRefused> {
  try {
    const secret = await client.get<KubeObject & { data?: Record<string, string> }>(secretPath(namespace, name));
    return secret && (secret.data ?? {});
  } catch (error) {
    if (error instanceof KubernetesRefused) return error;
    throw error;
  }
}
