import { isHelmRelease } from '../checks/facts/charts';
import { dependsOn, findCycles, isKustomization, mayHaveUnknownObjects } from '../checks/facts/dependencies';
import { show } from '../checks/finding';
import { type KubernetesObject, listOf, specOf, valueAt } from '../kubernetesObject';
import { type TreeCluster, type TreeObject, isComplete } from '../tree';
import { kustomizationOf } from './clusterChange';
import type { Found, SignalRule } from './signal';

const idOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const sourceOf = (object: KubernetesObject): string => {
  const reference = specOf(object)['sourceRef'];
  return ['kind', 'name'].map((key) => show(valueAt(reference, key))).join('/');
};

/**
 * Whether a Kustomization waits for another one at each revision: by dependsOn, among those of one source. Without that,
 * kustomize-controller does not ask which revision a dependency has applied.
 */
export function waitsFor(cluster: TreeCluster, id: string, other: string): boolean {
  const seen = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const object = kustomizationOf(cluster, at)?.object;
    if (object === undefined) continue;
    for (const { id: dependency } of dependsOn(object)) {
      const target = kustomizationOf(cluster, dependency)?.object;
      if (target === undefined || sourceOf(target) !== sourceOf(object)) continue;
      if (dependency === other) return true;
      open.push(dependency);
    }
  }
  return false;
}

/** The Kustomizations that wait for one, directly or not, by their ids, sorted. */
export function dependants(cluster: TreeCluster, id: string): string[] {
  const waiting = new Map<string, string[]>();
  for (const kustomization of cluster.kustomizations) {
    for (const { id: dependency } of dependsOn(kustomization.object))
      waiting.set(dependency, [...(waiting.get(dependency) ?? []), kustomization.id]);
  }
  const found = new Set<string>();
  const open = [...(waiting.get(id) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at) || at === id) continue;
    found.add(at);
    open.push(...(waiting.get(at) ?? []));
  }
  return [...found].sort();
}

/** What waits for something that never comes, by a text that stays the same while it does. */
function deadlocks(cluster: TreeCluster): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const isKind of [isKustomization, isHelmRelease]) {
    const objects = cluster.objects.filter(({ object }) => isKind(object));
    const byId = new Map(objects.map((object) => [idOf(object.object), object]));
    const add = (at: TreeObject, what: string): void =>
      void found.set(`${at.object.kind} ${idOf(at.object)} ${what}`, { at, what });
    for (const cycle of findCycles(
      new Map(objects.map(({ object }) => [idOf(object), dependsOn(object).map(({ id }) => id)])),
    )) {
      const first = byId.get(cycle[0] ?? '');
      if (first !== undefined) add(first, `depends on itself: ${[...cycle, cycle[0]].join(' → ')}`);
    }
    for (const at of objects) {
      if (specOf(at.object)['suspend'] === true) continue;
      for (const { id, index } of dependsOn(at.object)) {
        if (valueAt(listOf(specOf(at.object)['dependsOn'])[index], 'readyExpr') !== undefined) continue;
        const target = byId.get(id);
        const entryPoint = isKind === isKustomization && kustomizationOf(cluster, id) !== undefined;
        if (target === undefined && !entryPoint && isComplete(cluster) && !mayHaveUnknownObjects(cluster))
          add(at, `depends on ${id}, which is not in Git`);
        else if (target !== undefined && blocks(at.object, target.object))
          add(at, `depends on ${id}, which is suspended`);
        else if (target !== undefined && waitsForChild(cluster, id, at))
          add(at, `depends on ${id}, which applies it and waits for it`);
      }
    }
  }
  return found;
}

/** Whether a suspended dependency blocks every later change: Kustomizations of one source ask for its latest revision. */
function blocks(object: KubernetesObject, dependency: KubernetesObject): boolean {
  return specOf(dependency)['suspend'] === true && isKustomization(object) && sourceOf(object) === sourceOf(dependency);
}

function waitsForChild(cluster: TreeCluster, id: string, { object, kustomization }: TreeObject): boolean {
  if (kustomization !== id) return false;
  const spec = specOf(kustomizationOf(cluster, id)?.object ?? object);
  return (
    spec['wait'] === true ||
    listOf(spec['healthChecks']).some(
      (check) => valueAt(check, 'kind') === object.kind && valueAt(check, 'name') === object.metadata.name,
    )
  );
}

const deadlock: SignalRule = {
  id: 'dependency-deadlock',
  severity: 'danger',
  when: 'from now on a Kustomization or release waits for itself, for its parent, for what is not in Git, or for what is suspended',
  why: 'Flux applies neither this nor any later change of it',
  todo: 'remove the dependency, or resume or declare what it waits for',
  *find(change): Generator<Found> {
    const before = deadlocks(change.before);
    for (const [key, found] of deadlocks(change.after)) if (!before.has(key)) yield found;
  },
};

/** Signals about the order in which Flux applies. */
export const dependencyRules: readonly SignalRule[] = [deadlock];
