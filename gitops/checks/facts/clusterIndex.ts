import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';

/** Tables of a cluster, for rules that look something up for each of its objects. */
export interface ClusterIndex {
  /** Kustomizations by id; the first if several have the same. */
  kustomizations: ReadonlyMap<string, TreeKustomization>;
  /** Kustomizations by the id of their parent, in order. */
  children: ReadonlyMap<string, readonly TreeKustomization[]>;
  /** The objects of a kind with this name, in order, whatever their API group. */
  objects(kind: string, namespace: string, name: string): readonly TreeObject[];
}

const cache = new WeakMap<TreeCluster, ClusterIndex>();

/** The index of a cluster, built once. */
export function indexOf(cluster: TreeCluster): ClusterIndex {
  let index = cache.get(cluster);
  if (index === undefined) {
    index = build(cluster);
    cache.set(cluster, index);
  }
  return index;
}

function build(cluster: TreeCluster): ClusterIndex {
  const kustomizations = new Map<string, TreeKustomization>();
  const children = new Map<string, TreeKustomization[]>();
  const objects = new Map<string, TreeObject[]>();
  for (const kustomization of cluster.kustomizations) {
    const { id, parent } = kustomization;
    if (!kustomizations.has(id)) kustomizations.set(id, kustomization);
    if (parent !== undefined) append(children, parent, kustomization);
  }
  for (const object of cluster.objects) {
    const { kind, metadata } = object.object;
    append(objects, keyOf(kind, metadata.namespace ?? '', metadata.name), object);
  }
  return {
    kustomizations,
    children,
    objects: (kind, namespace, name) => objects.get(keyOf(kind, namespace, name)) ?? [],
  };
}

const keyOf = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
