import type { ObjectEvent } from './recording';
import type { SpanKind, TimelineSpan } from './timelineSpan';

const kinds: Readonly<Record<string, SpanKind>> = {
  Kustomization: 'kustomization',
  HelmRelease: 'helmrelease',
  GitRepository: 'source',
  OCIRepository: 'source',
  HelmRevision: 'revision',
};

// An event this much younger than its object was seen as it happened; creationTimestamp is only to the second.
const seenLiveMilliseconds = 2000;

/**
 * From the first attempt to reconcile an object to when it was ready for the first time, for everything that Flux
 * reconciles and for every revision in Helm's storage.
 *
 * A Kustomization depends on what its `dependsOn` names and on the HelmReleases that it applied: it waits for their health.
 * What nothing else holds depends on `root`, the installation of Flux.
 */
export function objectSpans(
  events: readonly ObjectEvent[],
  since: (at: number) => number,
  root: string | undefined,
): TimelineSpan[] {
  const byObject = new Map<string, ObjectEvent[]>();
  for (const event of events) {
    if (kinds[event.kind] === undefined) continue;
    const id = `${event.kind} ${event.id}`;
    byObject.set(id, [...(byObject.get(id) ?? []), event]);
  }
  const spans = new Map([...byObject].map(([id, own]) => [id, objectSpan(id, own, since)]));
  const applied = new Map<string, string[]>();
  for (const [id, [event]] of byObject) {
    if (event?.appliedBy === undefined) continue;
    const owner = `Kustomization ${event.appliedBy}`;
    if (owner !== id) applied.set(owner, [...(applied.get(owner) ?? []), id]);
  }
  const ownDependencies = (id: string): string[] => {
    const last = byObject.get(id)?.at(-1);
    return (last?.dependsOn ?? []).map((name) => `${last?.kind} ${name}`);
  };
  for (const [id, span] of spans) {
    const event = byObject.get(id)?.[0];
    if (span.kind === 'revision') continue;
    const owner = event?.appliedBy === undefined ? undefined : `Kustomization ${event.appliedBy}`;
    const holders = [...ownDependencies(id), ...(owner === undefined || owner === id ? [] : holdersOf(owner, span))];
    const children = span.kind === 'kustomization' ? (applied.get(id) ?? []) : [];
    span.dependsOn = [...new Set([...holders, ...children, ...(root === undefined ? [] : [root])])];
  }
  return [...spans.values()];

  /** A Kustomization that was ready before its object appeared held it itself; otherwise, what held the Kustomization did. */
  function holdersOf(owner: string, span: TimelineSpan): string[] {
    const end = spans.get(owner)?.end;
    return end !== undefined && end <= span.start ? [owner] : ownDependencies(owner);
  }
}

function objectSpan(id: string, events: readonly ObjectEvent[], since: (at: number) => number): TimelineSpan {
  const [first] = events;
  if (first === undefined) throw new Error(`${id}: found no event, expected at least one`);
  const seenLive = first.at - first.created < seenLiveMilliseconds;
  const created = since(seenLive ? first.at : first.created);
  const readyAt = events.findIndex(({ state }) => state === 'ready');
  const ready = events[readyAt];
  const before = readyAt < 0 ? events : events.slice(0, readyAt);
  const attempt = events.find(({ state }) => state !== 'created' && state !== 'waiting');
  const waits = before.flatMap((event, at) => {
    if (event.state !== 'waiting') return [];
    const to = events[at + 1]?.at;
    return [{ for: dependencyIn(event.message ?? ''), from: since(event.at), to: since(to ?? event.at) }];
  });
  const failures = before.flatMap(({ at, state, message = '' }) =>
    state === 'failed' ? [{ at: since(at), message }] : [],
  );
  return {
    id,
    kind: kinds[first.kind] ?? 'source',
    label: first.id.replace(/^flux-system\//, '').replace('sh.helm.release.v1.', ''),
    created,
    start: attempt === undefined ? created : Math.max(created, since(attempt.at)),
    ...(ready !== undefined && { end: since(ready.at) }),
    dependsOn: [],
    ...(waits.length > 0 && { waits: mergeWaits(waits) }),
    ...(failures.length > 0 && { failures }),
  };
}

/** The name in a controller's message about a dependency, or the message. */
function dependencyIn(message: string): string {
  return /dependency '([^']+)'/.exec(message)?.[1] ?? message;
}

/** Joins adjacent waits for the same object. */
function mergeWaits(waits: NonNullable<TimelineSpan['waits']>): NonNullable<TimelineSpan['waits']> {
  const merged: NonNullable<TimelineSpan['waits']> = [];
  for (const wait of waits) {
    const last = merged.at(-1);
    if (last?.for === wait.for && last.to === wait.from) last.to = wait.to;
    else merged.push({ ...wait });
  }
  return merged;
}
