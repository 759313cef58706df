import { type Json, describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { RawFinding, RawNotChecked } from './check';

/** A finding about an object of a cluster, located at a path in the object; an empty path means the whole object. */
export function findingAt(
  tree: Tree,
  cluster: TreeCluster,
  object: TreeObject,
  path: ObjectPath,
  what: string,
  todo: string,
): RawFinding {
  return {
    at: locate(tree, object, path),
    object: describeObject(object.object),
    what,
    todo,
    clusters: [cluster.name],
  };
}

/** Says that a rule could not decide about a place of an object, or without an object about a whole cluster. */
export function notCheckedAt(
  cluster: TreeCluster,
  object: TreeObject | undefined,
  path: ObjectPath,
  reason: string,
  what: string,
): RawNotChecked {
  return { cluster, object, path, reason, what };
}

/** Every object of every cluster, with its cluster. */
export function* eachObject(tree: Tree): Generator<[TreeCluster, TreeObject]> {
  for (const cluster of tree.clusters) {
    for (const object of cluster.objects) yield [cluster, object];
  }
}

/** A value as shown in messages: a string as it is, anything else as JSON. */
export function show(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
