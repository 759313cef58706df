import { type Load, type LoadSlice, loadSlices, loadWithin, round } from './coreLoad';
import { criticalPath, heldBy, type PathStep } from './criticalPath';
import { coveredLength } from './intervals';
import { labSteps } from './labLines';
import type { ProcessRecord, Recording } from './recording';
import { type ClusterSpans, clusterSpans } from './spans';
import type { SpanKind, TimelineSpan } from './timelineSpan';

/** What `bench -- lab` prints and writes. All times are seconds since the start of `lab up`, to the millisecond. */
export interface Timeline {
  format: 1;
  source: Recording['source'];
  /** ISO time of the start. */
  startedAt: string;
  seconds: number;
  machine: Recording['machine'];
  /** What the measuring itself took; it is part of `load.otherSeconds`. */
  sampler: Recording['sampler'];
  /** Over the whole run. Absent if the run was not watched. */
  load?: Load;
  clusters: Record<string, ClusterTimeline>;
  /** CPU by program and cluster, the most expensive first. */
  cpu: CpuReport[];
  /** Busy cores over time; by cluster and `shared` for the lab. */
  cores: LoadSlice[];
}

/** The timeline of one cluster, together with the steps that serve all clusters. */
export interface ClusterTimeline {
  /** Until the handover and until the second `up` was clean. */
  handedOver?: number;
  secondUp?: number;
  phases: Phase[];
  /** By kind of span: seconds in which at least one of them was being worked on. */
  worked: Partial<Record<SpanKind, number>>;
  /** From the start to the end of the second `up`, adjacent. */
  criticalPath: PathReport[];
  spans: TimelineSpan[];
}

/** A stretch of time between two milestones of a cluster. */
export interface Phase {
  name: string;
  from: number;
  to: number;
  load?: Load;
}

/** A step of the critical path. */
export interface PathReport extends PathStep {
  label: string;
  seconds: number;
}

/** CPU of one program. */
export interface CpuReport extends Omit<ProcessRecord, 'start' | 'end'> {
  /** Part of the lab's CPU, from 0 to 1. */
  share: number;
}

/** Interprets a recording. */
export function buildTimeline(recording: Recording): Timeline {
  const since = (at: number): number => round((at - recording.startedAt) / 1000);
  const seconds = since(recording.endedAt);
  const cores = loadSlices(recording.load).map((slice) => ({
    from: since(slice.from),
    to: since(slice.to),
    busyCores: round(slice.busyCores),
    lab: Object.fromEntries(Object.entries(slice.lab).map(([name, value]) => [name, round(value)])),
  }));
  const load = (from: number, to: number): Load | undefined =>
    loadWithin(
      cores.map((slice) => ({ ...slice, from: slice.from * 1000, to: slice.to * 1000 })),
      from * 1000,
      to * 1000,
      recording.machine.cores,
    );
  const steps = labSteps(recording.lines);
  const clusters = Object.keys(recording.clusters).map((name) => {
    return [name, clusterTimeline(clusterSpans(recording, steps, name, since), seconds, load)] as const;
  });
  const whole = load(0, seconds);
  const total = recording.processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return {
    format: 1,
    source: recording.source,
    startedAt: new Date(recording.startedAt).toISOString(),
    seconds,
    machine: recording.machine,
    sampler: recording.sampler,
    ...(whole !== undefined && { load: whole }),
    clusters: Object.fromEntries(clusters),
    cpu: recording.processes.map(({ name, cluster, processes, cpuSeconds }) => ({
      name,
      ...(cluster !== undefined && { cluster }),
      processes,
      cpuSeconds,
      share: total === 0 ? 0 : round(cpuSeconds / total),
    })),
    cores,
  };
}

function clusterTimeline(
  { spans, last, milestones }: ClusterSpans,
  seconds: number,
  load: (from: number, to: number) => Load | undefined,
): ClusterTimeline {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const steps = last === undefined ? [] : criticalPath(spans, last);
  const phases: Phase[] = [];
  let from = 0;
  for (const [name, to] of milestones) {
    if (to === undefined || to < from) continue;
    const used = load(from, to);
    phases.push({ name, from, to, ...(used !== undefined && { load: used }) });
    from = to;
  }
  const handedOver = spans.find(({ kind }) => kind === 'handover')?.end;
  const secondUp = byId.get('second up')?.end;
  const critical = new Set(steps.map(({ id }) => id));
  return {
    ...(handedOver !== undefined && { handedOver }),
    ...(secondUp !== undefined && { secondUp }),
    phases,
    worked: workedSeconds(spans),
    criticalPath: steps.map((step) => ({
      id: step.id,
      label: byId.get(step.id)?.label ?? step.id,
      from: step.from,
      to: step.to,
      seconds: round(step.to - step.from),
      waited: round(step.waited),
    })),
    spans: spans
      .filter(({ start }) => start <= seconds)
      .map((span) => {
        const before = heldBy(span, byId);
        const after =
          before?.end === undefined ? undefined : { id: before.id, seconds: round(span.start - before.end) };
        return { ...span, ...(after && { after }), ...(critical.has(span.id) && { critical: true as const }) };
      }),
  };
}

function workedSeconds(spans: readonly TimelineSpan[]): Partial<Record<SpanKind, number>> {
  const byKind = new Map<SpanKind, { from: number; to: number }[]>();
  for (const { kind, start, end, cpuSeconds } of spans) {
    // Running is not yet working.
    if (end === undefined || cpuSeconds !== undefined) continue;
    byKind.set(kind, [...(byKind.get(kind) ?? []), { from: start, to: end }]);
  }
  return Object.fromEntries([...byKind].map(([kind, intervals]) => [kind, round(coveredLength(intervals))]));
}
