import { describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { RawFinding } from './check';

/** A path in an object, for naming the line that it stands in. */
export type Path = readonly (string | number)[];

/** A finding about an object of a cluster, at the line of a part of it; an empty path is the whole object. */
export function about(
  tree: Tree,
  cluster: TreeCluster,
  object: TreeObject,
  path: Path,
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
