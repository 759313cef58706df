import type { Json } from '../kubernetesObject';

/** One part of an object that differs. */
export interface ValueChange {
  /** Where in the object: `spec.values.hubble.relay.replicas`, `containers[name=app].image`; empty for all of it. */
  path: string;
  /** What was there; absent when nothing was. */
  before?: Json;
  /** What is there now; absent when nothing is. */
  after?: Json;
  /** What differs when it is not the value: the order of a list, or text that must not be shown. */
  note?: string;
}

/** An object that differs. */
export interface ObjectDiff {
  /** `Kind namespace/name`, as it is now or, when removed, was. */
  object: string;
  apiVersion: string;
  change: 'added' | 'removed' | 'changed';
  /** Id of the Flux Kustomization that applies it. */
  kustomization: string;
  file: string;
  /** Sorted by path; for an object added or removed one entry with the whole object. */
  values: ValueChange[];
}

/** What differs on one cluster. */
export interface ClusterDiff {
  cluster: string;
  /** Whether the cluster itself is new or gone. */
  change: 'added' | 'removed' | 'changed';
  /** Sorted by Kustomization and object. */
  objects: ObjectDiff[];
  /** Kustomizations that could not be rendered on one side: what differs in them is not known. */
  notCompared: { kustomization: string; side: 'before' | 'after' }[];
}
