import type { ObjectEvent, ObjectState } from './recording';

/** The fields that {@link objectEvent} reads. */
export interface WatchedObject {
  metadata: {
    name: string;
    namespace?: string;
    creationTimestamp?: string;
    labels?: Record<string, string>;
  };
  spec?: { dependsOn?: { name: string; namespace?: string }[] };
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
    /** Of a Kustomization: attempts with the same result. Durations as Go prints them. */
    history?: {
      firstReconciled?: string;
      lastReconciledDuration?: string;
      lastReconciledStatus?: string;
      totalReconciliations?: number;
      /** Of a HelmRelease: when the action on this revision began. */
      lastDeployed?: string;
    }[];
  };
}

const owner = 'kustomize.toolkit.fluxcd.io';
const messageLength = 160;

/** What an object says at one moment. */
export function objectEvent(kind: string, object: WatchedObject, at: number): ObjectEvent {
  const { metadata, spec, status } = object;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const created = Date.parse(metadata.creationTimestamp ?? '');
  const appliedBy = metadata.labels?.[`${owner}/name`];
  const namespaceOf = metadata.labels?.[`${owner}/namespace`];
  const state: ObjectState = stateOf(kind, metadata.labels, ready);
  return {
    at,
    kind,
    id: idOf(metadata),
    state,
    created: Number.isNaN(created) ? at : created,
    ...(spec?.dependsOn !== undefined && {
      dependsOn: spec.dependsOn.map(({ name, namespace = metadata.namespace }) => idOf({ name, namespace })),
    }),
    ...(appliedBy !== undefined && { appliedBy: idOf({ name: appliedBy, namespace: namespaceOf }) }),
    ...(ready?.message !== undefined && state !== 'ready' && { message: ready.message.slice(0, messageLength) }),
  };
}

/** `namespace/name`, or the name only. */
function idOf({ name, namespace }: { name: string; namespace?: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function stateOf(
  kind: string,
  labels: Record<string, string> | undefined,
  ready: { status: string; reason?: string } | undefined,
): ObjectState {
  // Helm's storage: one Secret per revision, whose label is Helm's status.
  if (kind === 'HelmRevision') return helmStates[labels?.status ?? ''] ?? 'created';
  if (ready === undefined) return 'created';
  if (ready.status === 'True') return 'ready';
  if (ready.reason === 'DependencyNotReady') return 'waiting';
  return ready.status === 'Unknown' ? 'progressing' : 'failed';
}

const helmStates: Readonly<Record<string, ObjectState>> = {
  'pending-install': 'progressing',
  'pending-upgrade': 'progressing',
  deployed: 'ready',
  superseded: 'ready',
  failed: 'failed',
};

/**
 * What can still be read from an object of a finished lab, to the second: creation, and the first time it was ready. A
 * Kustomization's history has the duration of an attempt; if there was only one, that tells when it started.
 */
export function finishedEvents(kind: string, object: WatchedObject): ObjectEvent[] {
  const now = objectEvent(kind, object, 0);
  const created: ObjectEvent = { ...now, at: now.created, state: 'created' };
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  const succeeded = (object.status?.history ?? []).filter(
    ({ lastReconciledStatus: status }) => status === 'ReconciliationSucceeded',
  );
  const first = succeeded
    .map((entry) => ({ ...entry, at: Date.parse(entry.firstReconciled ?? '') }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at)[0];
  if (first !== undefined) {
    const seconds = first.totalReconciliations === 1 ? goSeconds(first.lastReconciledDuration ?? '') : undefined;
    const started = seconds === undefined ? undefined : Math.max(now.created, first.at - seconds * 1000);
    const attempt: ObjectEvent[] = started === undefined ? [] : [{ ...now, at: started, state: 'progressing' }];
    return [created, ...attempt, { ...now, at: first.at, state: 'ready' }];
  }
  const changed = Date.parse(ready?.lastTransitionTime ?? '');
  if (Number.isNaN(changed) || now.state === 'created') return [created];
  const deployed = Date.parse(object.status?.history?.[0]?.lastDeployed ?? '');
  const attempt: ObjectEvent[] = Number.isNaN(deployed) ? [] : [{ ...now, at: deployed, state: 'progressing' }];
  return [created, ...attempt, { ...now, at: changed }];
}

/** Seconds in a duration as Go prints it, such as "1m3.5s" or "250ms"; undefined for other text. */
export function goSeconds(text: string): number | undefined {
  if (!/^(?:[\d.]+(?:h|m|s|ms|µs|us|ns))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, us: 1e-6, ns: 1e-9 };
  return [...text.matchAll(/([\d.]+)(h|ms|m|s|µs|us|ns)/g)].reduce(
    (sum, [, value, unit = '']) => sum + Number(value) * (units[unit] ?? 0),
    0,
  );
}
