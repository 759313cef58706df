import { type Json, groupOf, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import { sourcesOf } from '../../sources';
import type { Tree, TreeCluster } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease, valuesOf } from '../sources/charts';

/** The names of a cluster's nodes, from its stack; undefined where that does not say. */
function nodeNames(tree: Tree, cluster: TreeCluster): Set<string> | undefined {
  const [document] = sourcesOf(tree).documents(`Pulumi.${cluster.name}.yaml`);
  const config = valueAt(document?.value as Json | undefined, 'config');
  if (!isMap(config)) return undefined;
  const list = Object.entries(config).find(([key]) => key.endsWith(':nodes'))?.[1];
  if (!Array.isArray(list)) return undefined;
  const names = list.map((node) => valueAt(node, 'name'));
  return new Set(names.filter((name) => typeof name === 'string'));
}

/** Nodes that Ceph is told to use and that the cluster does not have. */
export const cephNodeUnknown: Check = {
  id: 'ceph-node-unknown',
  severity: 'error',
  set: 'platform',
  why: 'Rook passes over a node that does not exist: its disks are never used, and nothing says so.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const from of cluster.objects) {
        const isCluster = from.object.kind === 'CephCluster' && groupOf(from.object) === 'ceph.rook.io';
        if (!isCluster && !isHelmRelease(from.object)) continue;
        const prefix: Path = isCluster ? ['spec'] : ['spec', 'values', 'cephClusterSpec'];
        const spec = isCluster ? specOf(from.object) : valuesOf(from.object)['cephClusterSpec'];
        const nodes = valueAt(spec, 'storage', 'nodes');
        for (const [index, node] of listOf(nodes).entries()) {
          const name = valueAt(node, 'name');
          // Asked only here, as most trees name no node and need not be searched for them.
          const known = nodeNames(tree, cluster);
          if (typeof name !== 'string' || known === undefined || known.has(name)) continue;
          const what = `gives Ceph the disks of node ${name}; ${cluster.name} has ${[...known].sort().join(', ')}`;
          const todo = "use the names in the stack's nodes, or storage.useAllNodes with a deviceFilter";
          yield about(tree, cluster, from, [...prefix, 'storage', 'nodes', index, 'name'], what, todo);
        }
      }
    }
  },
};
