import { type KubernetesObject, groupOf, specOf, valueAt } from '../../../gitops/kubernetesObject';
import type { TreeCluster } from '../../../gitops/tree';

/**
 * APIs beyond Kubernetes' own that a cluster serves, as Helm's `--api-versions` takes them: those that Git uses there, and
 * those that the given CustomResourceDefinitions declare. Sorted.
 */
export function apiVersionsOf(cluster: TreeCluster, definitions: readonly KubernetesObject[]): string[] {
  const used = cluster.objects.flatMap(({ object }) =>
    // A group of Kubernetes' own has no dot, or ends in k8s.io; those Helm knows.
    /^[^.]*$|(^|\.)k8s\.io$/.test(groupOf(object)) && !groupOf(object).startsWith('gateway.')
      ? []
      : [object.apiVersion, `${object.apiVersion}/${object.kind}`],
  );
  const inGit = cluster.objects.map(({ object }) => object);
  return [...new Set([...used, ...[...inGit, ...definitions].flatMap(declared)])].sort();
}

/** Whether an object declares a kind. */
export function isDefinition(object: KubernetesObject): boolean {
  return object.kind === 'CustomResourceDefinition' && groupOf(object) === 'apiextensions.k8s.io';
}

function declared(object: KubernetesObject): string[] {
  if (!isDefinition(object)) return [];
  const { group, versions } = specOf(object);
  const kind = valueAt(specOf(object), 'names', 'kind');
  if (typeof group !== 'string' || typeof kind !== 'string' || !Array.isArray(versions)) return [];
  return versions.flatMap((version) => {
    const name = valueAt(version, 'name');
    if (typeof name !== 'string' || valueAt(version, 'served') === false) return [];
    return [`${group}/${name}`, `${group}/${name}/${kind}`];
  });
}
