import { type KubernetesObject, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';

/** What an object waits for: `namespace/name` of objects of its own kind, with their place in the list. */
export function dependsOn(object: KubernetesObject): { id: string; index: number }[] {
  const list = specOf(object)['dependsOn'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry, index) => {
    const name = valueAt(entry, 'name');
    const namespace = valueAt(entry, 'namespace') ?? object.metadata.namespace ?? '';
    return typeof namespace === 'string' && typeof name === 'string' ? [{ id: `${namespace}/${name}`, index }] : [];
  });
}

/** Whether an object is a Flux Kustomization. */
export function isKustomization(object: KubernetesObject): boolean {
  return object.kind === 'Kustomization' && groupOf(object) === 'kustomize.toolkit.fluxcd.io';
}

/** Every Flux Kustomization that Git declares, with the object that does; the entry point's is not among them. */
export function declaredKustomizations(cluster: TreeCluster): [TreeKustomization, TreeObject][] {
  return cluster.kustomizations.flatMap((kustomization): [TreeKustomization, TreeObject][] => {
    const object = cluster.objects.find(
      (one) =>
        one.kustomization === kustomization.parent &&
        isKustomization(one.object) &&
        one.object.metadata.name === kustomization.name &&
        (one.object.metadata.namespace ?? '') === kustomization.namespace,
    );
    return object === undefined ? [] : [[kustomization, object]];
  });
}

/**
 * Ids of the Kustomizations that are ready before one is applied for the first time: all that it or one of its parents
 * depends on, directly or not, and what those apply themselves and wait for. A parent is not ready before its children.
 */
export function readyBefore(cluster: TreeCluster, id: string): Set<string> {
  const byId = new Map(cluster.kustomizations.map((kustomization) => [kustomization.id, kustomization]));
  const ready = new Set<string>();
  const seen = new Set<string>();
  const visit = (kustomization: TreeKustomization | undefined): void => {
    if (kustomization === undefined || seen.has(kustomization.id)) return;
    seen.add(kustomization.id);
    for (const { id: other } of dependsOn(kustomization.object)) {
      if (byId.has(other)) addReady(other);
      visit(byId.get(other));
    }
    if (kustomization.parent !== undefined) visit(byId.get(kustomization.parent));
  };
  const addReady = (other: string): void => {
    if (ready.has(other)) return;
    ready.add(other);
    const waits = byId.get(other);
    if (waits === undefined || specOf(waits.object)['wait'] !== true) return;
    for (const child of cluster.kustomizations) if (child.parent === other) addReady(child.id);
  };
  visit(byId.get(id));
  ready.delete(id);
  return ready;
}

/**
 * Whether a cluster can hold objects that Git does not show: a foreign source's content, or what a ResourceSet makes.
 * In this repository's own trees foreign sources bring only what has a row in `crdOwners`, so nothing of Flux.
 */
export function mayHoldMore(cluster: TreeCluster): boolean {
  return (
    cluster.kustomizations.some(({ skipped }) => skipped === 'external') ||
    cluster.objects.some(({ object }) => groupOf(object) === 'fluxcd.controlplane.io' && object.kind === 'ResourceSet')
  );
}
