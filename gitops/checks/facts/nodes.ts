import { type Json, isMap, valueAt } from '../../kubernetesObject';
import { sourcesOf } from '../../sources';
import type { Tree, TreeCluster } from '../../tree';

/** A node of a cluster, as its stack file describes it. */
interface ClusterNode {
  name: string;
  role: 'controlplane' | 'worker';
}

/** The nodes of a cluster as its stack file has them; undefined if that lists none. */
export function stackNodes(tree: Tree, cluster: TreeCluster): Json[] | undefined {
  const [document] = sourcesOf(tree).documents(`Pulumi.${cluster.name}.yaml`);
  const config = valueAt(document?.value as Json | undefined, 'config');
  if (!isMap(config)) return undefined;
  const list = Object.entries(config).find(([key]) => key.endsWith(':nodes'))?.[1];
  return Array.isArray(list) ? list : undefined;
}

function nodesOf(tree: Tree, cluster: TreeCluster): ClusterNode[] {
  return (stackNodes(tree, cluster) ?? []).flatMap((node) => {
    const name = valueAt(node, 'name');
    const role = valueAt(node, 'role') === 'worker' ? 'worker' : 'controlplane';
    return typeof name === 'string' ? [{ name, role }] : [];
  });
}

/** The labels of each node that follow from its machine's configuration; undefined if they are not known. */
export function nodeLabelsOf(tree: Tree, cluster: TreeCluster): Record<string, string>[] | undefined {
  const nodes = nodesOf(tree, cluster);
  const { nodeLabels } = tree.program ?? {};
  if (nodes.length === 0 || nodeLabels === undefined) return undefined;
  return nodes.map((node) => nodeLabels(node, nodes));
}

/**
 * Whether something else may set a label on nodes: the kubelet, Talos, a cloud provider or a feature discovery. The
 * program and Git set no others.
 */
export function mayBeSetByOthers(key: string): boolean {
  return /^((\w+\.)*beta\.kubernetes\.io|kubernetes\.io\/arch|node\.kubernetes\.io|topology\.[\w.]+|feature\.node\.kubernetes\.io|[\w.-]*nvidia\.com|[\w.-]*intel\.com|extensions\.talos\.dev|(\w+\.)*cilium\.io)(\/|$)/.test(
    key,
  );
}
