import { type KubernetesObject, groupOf, specOf, valueAt } from '../../../gitops/kubernetesObject';
import type { TreeCluster } from '../../../gitops/tree';

/**
 * APIs beyond the built-in ones that a cluster serves, as values of Helm's `--api-versions`: those that Git uses on the
 * cluster, and those that the given CRDs declare. Sorted.
 */
export function apiVersionsOf(cluster: TreeCluster, crds: readonly KubernetesObject[]): string[] {
  const used = cluster.objects.flatMap(({ object }) =>
    // Built-in groups have no dot, or end in k8s.io; Helm knows them.
    /^[^.]*$|(^|\.)k8s\.io$/.test(groupOf(object)) && !groupOf(object).startsWith('gateway.')
      ? []
      : [object.apiVersion, `${object.apiVersion}/${object.kind}`],
  );
  const inGit = cluster.objects.map(({ object }) => object);
  return [...new Set([...used, ...[...inGit, ...crds].flatMap(declaredApis)])].sort();
}

/** Whether an object is a CustomResourceDefinition. */
export function isCrd(object: KubernetesObject): boolean {
  return object.kind === 'CustomResourceDefinition' && groupOf(object) === 'apiextensions.k8s.io';
}

function declaredApis(object: KubernetesObject): string[] {
  if (!isCrd(object)) return [];
  const { group, versions } = specOf(object);
  const kind = valueAt(specOf(object), 'names', 'kind');
  if (typeof group !== 'string' || typeof kind !== 'string' || !Array.isArray(versions)) return [];
  return versions.flatMap((version) => {
    const name = valueAt(version, 'name');
    if (typeof name !== 'string' || valueAt(version, 'served') === false) return [];
    return [`${group}/${name}`, `${group}/${name}/${kind}`];
  });
}
