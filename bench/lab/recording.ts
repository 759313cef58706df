/**
 * What one `lab up` showed from outside, before any interpretation. Times are milliseconds since the epoch. Contains no
 * secrets: names, conditions and counters only.
 */
export interface Recording {
  format: 1;
  /** `live`: watched while it happened; `running`: read afterwards, mostly to the second. */
  source: 'live' | 'running';
  startedAt: number;
  endedAt: number;
  machine: { cores: number; cpu: string; node: string };
  /** Clusters of the lab, and their nodes' names. */
  clusters: Record<string, string[]>;
  /** Lines of `lab up`, without its seconds column. */
  lines: StampedLine[];
  /** By cluster: each `pulumi up`, the first one first. */
  updates: Record<string, UpdateRecord[]>;
  /** By cluster: resources in Pulumi's state, without components. */
  resources: Record<string, ResourceRecord[]>;
  /** By cluster, in the order of arrival. */
  objects: Record<string, ObjectEvent[]>;
  processes: ProcessRecord[];
  load: LoadSample[];
  /** What measuring cost: CPU seconds of the benchmark itself, and the number of samples. */
  sampler: { cpuSeconds: number; samples: number; intervalMilliseconds: number };
}

/** A line of output and when it arrived. */
export interface StampedLine {
  at: number;
  text: string;
}

/** A resource in Pulumi's state: `id` is `<type> <name>` as Pulumi's progress shows it. */
export interface ResourceRecord {
  id: string;
  /** When the engine began to create it; absent if unknown. */
  started?: number;
  /** When the engine recorded that it exists. */
  created: number;
  /** Ids of resources, its provider's included. */
  dependsOn: string[];
}

/** One `pulumi up`. */
export interface UpdateRecord {
  start: number;
  end: number;
}

/** Where an object is on its way: `waiting` for a dependency, `progressing` is an attempt. */
export type ObjectState = 'created' | 'waiting' | 'progressing' | 'failed' | 'ready';

/** A change of an object's state. */
export interface ObjectEvent {
  at: number;
  kind: string;
  /** `namespace/name`; the name only if it has no namespace. */
  id: string;
  state: ObjectState;
  /** `creationTimestamp`, to the second. */
  created: number;
  /** Ids of objects of the same kind. */
  dependsOn?: string[];
  /** Id of the Kustomization that applied it. */
  appliedBy?: string;
  /** What the object says, at most 160 characters. */
  message?: string;
}

/** CPU of one program in one cluster (or in none), over all its processes. */
export interface ProcessRecord {
  name: string;
  /** Absent for what serves all clusters. */
  cluster?: string;
  /** First start and last end of a process; an end only to the sampling interval, and none if it still runs. */
  start: number;
  end?: number;
  processes: number;
  cpuSeconds: number;
}

/** State of the machine at one moment. */
export interface LoadSample {
  at: number;
  /** Core-seconds since boot that were not idle, stolen ones included. */
  busySeconds: number;
  /** By cluster, and `shared`: CPU seconds of the lab since its start. */
  lab: Record<string, number>;
}
