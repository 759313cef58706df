import { specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';

/** The Kustomization whose variables Flux puts into an object; nothing when it leaves the object as it is. */
export function substitutedBy(
  cluster: TreeCluster,
  { object, kustomization }: TreeObject,
): TreeKustomization | undefined {
  const owner = cluster.kustomizations.find(({ id }) => id === kustomization);
  if (owner === undefined || specOf(owner.object)['postBuild'] === undefined) return undefined;
  const disabled = ['annotations', 'labels'].some((field) => {
    const value = valueAt(object.metadata, field, 'kustomize.toolkit.fluxcd.io/substitute');
    return typeof value === 'string' && value.toLowerCase() === 'disabled';
  });
  return disabled ? undefined : owner;
}
