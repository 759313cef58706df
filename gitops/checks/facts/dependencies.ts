import { type KubernetesObject, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';
import { indexOf } from './clusterIndex';

/** The `dependsOn` entries of an object: `namespace/name` of objects of its own kind, with their index in the list. */
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

/** Every Flux Kustomization declared in Git, with the object that declares it; without the entry point's own. */
export function declaredKustomizations(cluster: TreeCluster): [TreeKustomization, TreeObject][] {
  return cluster.kustomizations.flatMap((kustomization): [TreeKustomization, TreeObject][] => {
    const object = indexOf(cluster)
      .objects('Kustomization', kustomization.namespace, kustomization.name)
      .find((candidate) => candidate.kustomization === kustomization.parent && isKustomization(candidate.object));
    return object === undefined ? [] : [[kustomization, object]];
  });
}

/**
 * Ids of the Kustomizations that are ready before the given one is first applied: everything that it or one of its
 * parents depends on, directly or not, and the children that those wait for. A parent is not ready before its children.
 */
export function readyBefore(cluster: TreeCluster, id: string): Set<string> {
  const { kustomizations: byId, children } = indexOf(cluster);
  const ready = new Set<string>();
  const seen = new Set<string>();
  const visit = (kustomization: TreeKustomization | undefined): void => {
    if (kustomization === undefined || seen.has(kustomization.id)) return;
    seen.add(kustomization.id);
    for (const { id: dependency } of dependsOn(kustomization.object)) {
      if (byId.has(dependency)) addReady(dependency);
      visit(byId.get(dependency));
    }
    if (kustomization.parent !== undefined) visit(byId.get(kustomization.parent));
  };
  const addReady = (dependency: string): void => {
    if (ready.has(dependency)) return;
    ready.add(dependency);
    const kustomization = byId.get(dependency);
    if (kustomization === undefined || specOf(kustomization.object)['wait'] !== true) return;
    for (const child of children.get(dependency) ?? []) addReady(child.id);
  };
  visit(byId.get(id));
  ready.delete(id);
  return ready;
}

/**
 * Whether a cluster may contain objects that Git does not show: the content of an external source, or the output of a
 * ResourceSet. In this repository, external sources only provide what has a row in `crdOwners`, so no Flux objects.
 */
export function mayHaveUnknownObjects(cluster: TreeCluster): boolean {
  return (
    cluster.kustomizations.some(({ skipped }) => skipped === 'external') ||
    cluster.objects.some(({ object }) => groupOf(object) === 'fluxcd.controlplane.io' && object.kind === 'ResourceSet')
  );
}

/**
 * One cycle per strongly connected component of a graph. A cycle starts at its alphabetically first node and is as short
 * as that node allows. Edges to unknown nodes are ignored.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reported = new Set<string>();
  const cycles: string[][] = [];
  for (const start of [...graph.keys()].sort()) {
    if (reported.has(start)) continue;
    const cycle = shortestCycle(graph, start);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    const forward = reachable(graph, start);
    for (const node of forward) if (reachable(graph, node).has(start)) reported.add(node);
  }
  return cycles;
}

/** The nodes reachable from a node through one or more edges. */
function reachable(graph: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (found.has(next) || !graph.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

function shortestCycle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const path = [node];
        for (let at = node; at !== start;) path.unshift((at = cameFrom.get(at) ?? start));
        return path;
      }
      if (!graph.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      open.push(next);
    }
  }
  return undefined;
}
