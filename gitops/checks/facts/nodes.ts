import { type Json, isMap, valueAt } from '../../kubernetesObject';
import { sourcesOf } from '../../sources';
import type { Tree, TreeCluster } from '../../tree';

/** The nodes of a cluster as its stack file has them; undefined if that lists none. */
export function stackNodes(tree: Tree, cluster: TreeCluster): Json[] | undefined {
  const list = stackValues(tree, cluster)?.['nodes'];
  return Array.isArray(list) ? list : undefined;
}

/** The configuration in a cluster's stack file, without the project's prefix of each key; undefined if there is none. */
function stackValues(tree: Tree, cluster: TreeCluster): Record<string, Json | undefined> | undefined {
  const [document] = sourcesOf(tree).documents(`Pulumi.${cluster.name}.yaml`);
  const config = valueAt(document?.value as Json | undefined, 'config');
  if (!isMap(config)) return undefined;
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^[^:]*:/, ''), value]));
}

/** The labels of each node that follow from its machine's configuration; undefined if they are not known. */
export function nodeLabelsOf(tree: Tree, cluster: TreeCluster): Record<string, string>[] | undefined {
  const values = stackValues(tree, cluster);
  const labels = values && tree.program?.nodeLabels?.(values);
  return labels === undefined || labels.length === 0 ? undefined : labels;
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
