import { type Json, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease, valuesOf } from './facts/charts';
import { stackNodes } from './facts/nodes';
import { findingAt, notCheckedAt, show } from './finding';

/** A part of Ceph's configuration in an object or in the values of Rook's chart. */
interface CephSpec {
  from: TreeObject;
  /** The path of `spec` in the object. */
  path: ObjectPath;
  spec: Json | undefined;
}

/** The CephClusters of a cluster: objects, and the one in the values of chart rook-ceph-cluster. */
function* cephClusters({ objects }: TreeCluster): Generator<CephSpec> {
  for (const from of objects) {
    if (isKind(from, 'CephCluster')) yield { from, path: ['spec'], spec: specOf(from.object) };
    const spec = isHelmRelease(from.object) ? valuesOf(from.object)['cephClusterSpec'] : undefined;
    if (isMap(spec)) yield { from, path: ['spec', 'values', 'cephClusterSpec'], spec };
  }
}

/** The pools of a cluster: objects, and those in the values of chart rook-ceph-cluster. */
function* cephPools(cluster: TreeCluster): Generator<CephSpec> {
  for (const from of cluster.objects) {
    const kind = poolKinds.find(({ object }) => isKind(from, object));
    if (kind !== undefined) yield* poolsOf({ from, path: ['spec'], spec: specOf(from.object) }, kind);
    if (!isHelmRelease(from.object)) continue;
    for (const chartKind of poolKinds) {
      for (const [index, entry] of listOf(valuesOf(from.object)[chartKind.values]).entries()) {
        const path = ['spec', 'values', chartKind.values, index, 'spec'];
        yield* poolsOf({ from, path, spec: valueAt(entry, 'spec') }, chartKind);
      }
    }
  }
}

interface PoolKind {
  object: string;
  /** The key of the chart's values with a list of such objects. */
  values: string;
  /** Where `spec` has a pool, or a list of pools; an empty path means `spec` itself. */
  pools: readonly (readonly string[])[];
}

const poolKinds: readonly PoolKind[] = [
  { object: 'CephBlockPool', values: 'cephBlockPools', pools: [[]] },
  { object: 'CephFilesystem', values: 'cephFileSystems', pools: [['metadataPool'], ['dataPools']] },
  { object: 'CephObjectStore', values: 'cephObjectStores', pools: [['metadataPool'], ['dataPool']] },
];

function* poolsOf({ from, path, spec }: CephSpec, { pools }: PoolKind): Generator<CephSpec> {
  for (const below of pools) {
    const found = valueAt(spec, ...below);
    if (!Array.isArray(found)) yield { from, path: [...path, ...below], spec: found };
    else for (const [index, pool] of found.entries()) yield { from, path: [...path, ...below, index], spec: pool };
  }
}

function isKind({ object }: TreeObject, kind: string): boolean {
  return object.kind === kind && groupOf(object) === 'ceph.rook.io';
}

/** A node in Ceph's storage settings that the cluster does not have. */
export const cephNodeUnknown: Check = {
  id: 'ceph-node-unknown',
  severity: 'error',
  set: 'platform',
  why: 'Rook silently skips a node that does not exist: its disks are never used.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { from, path, spec } of cephClusters(cluster)) {
        for (const [index, node] of listOf(valueAt(spec, 'storage', 'nodes')).entries()) {
          const name = valueAt(node, 'name');
          // Read only here, because most trees list no nodes.
          const known = stackNodes(tree, cluster)?.map((known) => valueAt(known, 'name'));
          if (typeof name !== 'string' || known === undefined || known.includes(name)) continue;
          const names = [...new Set(known.filter((known) => typeof known === 'string'))].sort();
          const what = `gives Ceph the disks of node ${name}, but ${cluster.name} has ${names.join(', ')}`;
          const todo = "use the names of the stack's nodes, or storage.useAllNodes with a deviceFilter";
          yield findingAt(tree, cluster, from, [...path, 'storage', 'nodes', index, 'name'], what, todo);
        }
      }
    }
  },
};

/** An even number of Ceph monitors. */
export const cephMonitorsEven: Check = {
  id: 'ceph-monitors-even',
  severity: 'warning',
  set: 'general',
  why: 'A majority of the monitors must run: one more than an odd number adds a part that can fail, and tolerates no more.',
  *run(tree) {
    for (const cluster of tree.clusters) {
      for (const { from, path, spec } of cephClusters(cluster)) {
        const count = numberOf(valueAt(spec, 'mon', 'count'));
        if (count === undefined) continue;
        yield { places: 1 };
        if (count === 0 || count % 2 === 1) continue;
        const what = `runs ${count} monitors, which tolerates no more failures than ${count - 1}`;
        yield findingAt(tree, cluster, from, [...path, 'mon', 'count'], what, `use ${count - 1} or ${count + 1}`);
      }
    }
  },
};

/** A pool with more replicas on different hosts than there are hosts. */
export const cephReplicasAboveNodes: Check = {
  id: 'ceph-replicas-above-nodes',
  severity: 'error',
  set: 'platform',
  why: 'Ceph never finds a place for the last replica: the pool stays degraded, and every loss of a host stops its writes.',
  *run(tree) {
    for (const cluster of tree.clusters) {
      for (const { from, path, spec } of cephPools(cluster)) {
        const size = numberOf(valueAt(spec, 'replicated', 'size'));
        if (size === undefined) continue;
        const domain = valueAt(spec, 'failureDomain') ?? 'host';
        if (domain !== 'host') {
          const what = `${size} replicas with failure domain ${show(domain)}`;
          yield notCheckedAt(cluster, from, path, 'Git does not know how many failure domains there are', what);
          continue;
        }
        const nodes = stackNodes(tree, cluster);
        if (nodes === undefined) continue;
        yield { places: 1 };
        if (size <= nodes.length) continue;
        const what = `keeps ${size} replicas on different hosts, but ${cluster.name} has ${nodes.length} nodes`;
        const todo = 'lower replicated.size, or add nodes';
        yield findingAt(tree, cluster, from, [...path, 'replicated', 'size'], what, todo);
      }
    }
  },
};

/** A number, also as text: substitution may leave quotes. */
function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}
