/** Work between two moments, and what had to end before it could. */
export interface Dependent {
  id: string;
  start: number;
  /** Absent if it never ended: then nothing can have waited for it. */
  end?: number;
  /** Ids; unknown ones are ignored. */
  dependsOn: readonly string[];
}

/** A step of the critical path: from the end of what it waited for, or its own start, to its end. */
export interface PathStep {
  id: string;
  from: number;
  to: number;
  /** Part of the step before it started: it could have started at `from`. */
  waited: number;
}

/**
 * The chain that determined when `last` ended, first step first: of everything that a step depends on, the one that ended
 * last, and so on. The steps are adjacent, so their lengths add up to the whole. Empty if `last` is unknown or never ended.
 */
export function criticalPath(spans: readonly Dependent[], last: string): PathStep[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const steps: PathStep[] = [];
  const seen = new Set<string>();
  let current = byId.get(last);
  let to = current?.end;
  while (current !== undefined && to !== undefined) {
    seen.add(current.id);
    const before = latestDependency(current, to, byId, seen);
    const from: number = before?.end ?? Math.min(current.start, to);
    const waited = Math.max(0, Math.min(current.start, to) - from);
    // An id that was held by something that ended with it adds nothing.
    if (to > from || steps.length === 0) steps.push({ id: current.id, from, to, waited });
    current = before;
    to = from;
  }
  return steps.reverse();
}

/** What held a span before it started: of its dependencies, the one that ended last by then. */
export function heldBy(span: Dependent, byId: ReadonlyMap<string, Dependent>): Dependent | undefined {
  return latestDependency(span, span.start, byId, new Set([span.id]));
}

/** Of a span's dependencies, the one that ended last, but not after `before`; the first of several in its own order. */
function latestDependency(
  span: Dependent,
  before: number,
  byId: ReadonlyMap<string, Dependent>,
  seen: ReadonlySet<string>,
): Dependent | undefined {
  let latest: Dependent | undefined;
  for (const id of span.dependsOn) {
    const candidate = byId.get(id);
    if (candidate?.end === undefined || candidate.end > before || seen.has(id)) continue;
    if (latest?.end === undefined || candidate.end > latest.end) latest = candidate;
  }
  return latest;
}
