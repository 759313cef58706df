import { type Json, type KubernetesObject, describeObject, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import { durationSeconds } from '../duration';
import { ownerOfField } from './managedFields';

/** How an object of Flux stands. */
export type FluxState =
  | { is: 'ready' }
  /** Being reconciled: whatever it says now may be over in a moment. */
  | { is: 'reconciling' }
  | { is: 'suspended'; since?: string; by?: string }
  | { is: 'not-ready' | 'stalled'; reason: string; message: string; since?: string };

/**
 * How an object of Flux stands, by itself. `DependencyNotReady` counts as `reconciling` if none of what it depends on is broken:
 * Flux looks again soon.
 * @param isBroken whether an object, named as {@link describeObject} does, is missing, suspended or not ready for good
 */
export function fluxStateOf(object: KubernetesObject, isBroken: (name: string) => boolean): FluxState {
  if (valueAt(object, 'spec', 'suspend') === true) {
    const owner = ownerOfField(object, 'spec', 'suspend');
    return { is: 'suspended', ...(owner?.since && { since: owner.since }), ...(owner && { by: owner.manager }) };
  }
  const ready = conditionOf(object, 'Ready');
  // Some kinds, such as Provider and Alert, have no status.
  if (ready === undefined && valueAt(object, 'status') === undefined) return { is: 'ready' };
  const requested = valueAt(object.metadata, 'annotations', 'reconcile.fluxcd.io/requestedAt');
  const handled = valueAt(object, 'status', 'lastHandledReconcileAt');
  // FluxInstances and their kin say it in the condition only.
  const observed = valueAt(object, 'status', 'observedGeneration') ?? valueAt(ready, 'observedGeneration');
  const isAhead = observed !== undefined && observed !== object.metadata['generation'];
  const reconciling = conditionOf(object, 'Reconciling');
  const isRetry = textOf(valueAt(reconciling, 'reason')) === 'ProgressingWithRetry';
  const failed = valueAt(ready, 'status') === 'False';
  if (valueAt(conditionOf(object, 'Stalled'), 'status') === 'True') {
    return { is: 'stalled', ...whyOf(conditionOf(object, 'Stalled')) };
  }
  if (ready === undefined || (requested !== undefined && requested !== handled)) return { is: 'reconciling' };
  if (isAhead && !(failed && isRetry)) return { is: 'reconciling' };
  if (valueAt(reconciling, 'status') === 'True' && !(failed && isRetry)) return { is: 'reconciling' };
  if (valueAt(ready, 'status') === 'True') return { is: 'ready' };
  if (!failed) return { is: 'reconciling' };
  const why = whyOf(ready);
  if (why.reason === 'DependencyNotReady' && !dependenciesOf(object).some(isBroken)) return { is: 'reconciling' };
  return { is: 'not-ready', ...why };
}

/** The objects of Flux that another waits for, each named as {@link describeObject} does. */
export function dependenciesOf(object: KubernetesObject): string[] {
  return listOf(specOf(object)['dependsOn']).map((entry) => nameOf(object, object.kind, entry));
}

/** Where an object of Flux gets its content: its source or chart; undefined if it has none. */
export function sourceOf(object: KubernetesObject): { kind: string; name: string; namespace: string } | undefined {
  const spec = specOf(object);
  const reference = spec['sourceRef'] ?? spec['chartRef'] ?? valueAt(spec['chart'], 'spec', 'sourceRef');
  const kind = textOf(valueAt(reference, 'kind'));
  const name = textOf(valueAt(reference, 'name'));
  if (kind === '' || name === '') return undefined;
  return { kind, name, namespace: textOf(valueAt(reference, 'namespace'), object.metadata.namespace) };
}

/** How long Flux gives an object for one reconciliation, in seconds. */
export function timeoutOf(object: KubernetesObject): number {
  const { timeout, interval } = specOf(object);
  return durationSeconds(timeout) ?? durationSeconds(interval) ?? 300;
}

/**
 * What is not ready because something else is not: the objects that depend on one, get their content from it, or wait for its
 * health, if their own reason says so.
 * @param broken what is missing, suspended or not ready, named as {@link describeObject} does
 * @param owner the Kustomization that applies it, if known
 */
export function explainedBy(
  broken: string,
  owner: string | undefined,
  objects: readonly { object: KubernetesObject; state: FluxState }[],
): string[] {
  return objects.flatMap(({ object, state }) => {
    if (state.is !== 'not-ready' && state.is !== 'stalled') return [];
    const name = describeObject(object);
    const source = sourceOf(object);
    const dependsOnIt = state.reason === 'DependencyNotReady' && dependenciesOf(object).includes(broken);
    const readsIt =
      source !== undefined &&
      `${source.kind} ${source.namespace}/${source.name}` === broken &&
      /Artifact|Source|Chart/.test(state.reason);
    const appliesIt = name === owner && /^(HealthCheck|Dependency|Progressing|ReconciliationFailed)/.test(state.reason);
    return name !== broken && (dependsOnIt || readsIt || appliesIt) ? [name] : [];
  });
}

/** The commit in a revision of Flux (`main@sha1:…`); undefined if it is not of Git. */
export function commitOf(revision: string): string | undefined {
  return /(?:^|@)(?:sha1:)?([0-9a-f]{40,64})$/.exec(revision)?.[1];
}

/** A condition of an object. */
export function conditionOf(object: KubernetesObject, type: string): Json | undefined {
  return listOf(valueAt(object, 'status', 'conditions')).find((condition) => valueAt(condition, 'type') === type);
}

function whyOf(condition: Json | undefined): { reason: string; message: string; since?: string } {
  const since = textOf(valueAt(condition, 'lastTransitionTime'));
  const [message = ''] = textOf(valueAt(condition, 'message')).split('\n');
  return { reason: textOf(valueAt(condition, 'reason')), message, ...(since !== '' && { since }) };
}

function nameOf(object: KubernetesObject, kind: string, reference: Json): string {
  return `${kind} ${textOf(valueAt(reference, 'namespace'), object.metadata.namespace)}/${textOf(valueAt(reference, 'name'))}`;
}
