import type { Json } from '../kubernetesObject';

/** A changed value in an object. */
export interface ValueChange {
  /** Path in the object: `spec.values.hubble.relay.replicas`, `containers[name=app].image`; empty for the whole object. */
  path: string;
  /** The old value; absent if the value was added. */
  before?: Json;
  /** The new value; absent if the value was removed. */
  after?: Json;
  /** Describes a change that is not in the value, such as the order of a list or an encrypted value. */
  note?: string;
}

/** A changed object. */
export interface ObjectDiff {
  /** `Kind namespace/name` of the new object, or of the old one if it was removed. */
  object: string;
  apiVersion: string;
  change: 'added' | 'removed' | 'changed';
  /** Id of the Flux Kustomization that applies it. */
  kustomization: string;
  /** The HelmRelease whose chart renders it, as `namespace/name`; absent for an object in Git. */
  release?: string;
  file: string;
  /** Sorted by path; a single entry with the whole object if it was added or removed. */
  values: ValueChange[];
}

/** The changes on one cluster. */
export interface ClusterDiff {
  cluster: string;
  /** Whether the cluster itself was added or removed. */
  change: 'added' | 'removed' | 'changed';
  /** Sorted by Kustomization and object. */
  objects: ObjectDiff[];
  /** Kustomizations that could not be rendered on one side, so their changes are unknown. */
  notCompared: { kustomization: string; side: 'before' | 'after' }[];
}
