import { type Json, describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { RawFinding } from './check';

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
