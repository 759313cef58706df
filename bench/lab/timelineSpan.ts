import type { Dependent } from './criticalPath';

/** What a bar of the timeline shows. */
export type SpanKind =
  | 'step'
  | 'tool'
  | 'process'
  | 'machine'
  | 'resource'
  | 'crds'
  | 'release'
  | 'handover'
  | 'source'
  | 'kustomization'
  | 'helmrelease'
  | 'revision';

/** A bar of the timeline, in seconds since the start. `start` is the first attempt of an object. */
export interface TimelineSpan extends Dependent {
  kind: SpanKind;
  label: string;
  /** When the object appeared. */
  created?: number;
  /** Moments on the way, such as "configured" of a machine. */
  marks?: { at: number; label: string }[];
  /** The dependency that ended last before the start, and how long after it this started. */
  after?: { id: string; seconds: number };
  /** When it waited, and for whom, as the object itself said. */
  waits?: { for: string; from: number; to: number }[];
  /** Failed attempts before it was ready. */
  failures?: { at: number; message: string }[];
  /** Of a process: CPU seconds. */
  cpuSeconds?: number;
  /** Whether it is on the critical path. */
  critical?: true;
}
