import { type Json, type KubernetesObject, groupOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { type Pods, podsOf, selects } from './facts/pods';
import { findingAt } from './finding';

function isBudget(object: KubernetesObject): boolean {
  return object.kind === 'PodDisruptionBudget' && groupOf(object) === 'policy';
}

function appliesTo(budget: KubernetesObject, { object, labels }: Pods): boolean {
  const { selector } = specOf(budget);
  return budget.metadata.namespace === object.metadata.namespace && selector !== undefined && selects(selector, labels);
}

/** The minimum number of pods of a workload: from its autoscaler, or else from the workload itself. */
function minReplicas(pods: Pods, objects: readonly KubernetesObject[]): number {
  const { kind, metadata } = pods.object;
  for (const scaler of objects) {
    const field = { HorizontalPodAutoscaler: 'minReplicas', ScaledObject: 'minReplicaCount' }[scaler.kind];
    const target = valueAt(specOf(scaler), 'scaleTargetRef');
    if (field === undefined || scaler.metadata.namespace !== metadata.namespace) continue;
    if (valueAt(target, 'name') !== metadata.name || (valueAt(target, 'kind') ?? 'Deployment') !== kind) continue;
    const count = specOf(scaler)[field];
    return typeof count === 'number' ? count : 1;
  }
  return pods.replicas ?? 0;
}

/** The workloads with several replicas that no budget protects from being evicted together. */
export function withoutBudget(objects: readonly KubernetesObject[]): { object: KubernetesObject; replicas: number }[] {
  const budgets = objects.filter(isBudget);
  return objects.flatMap((object) => {
    const pods = podsOf(object);
    const replicas = pods === undefined ? 0 : minReplicas(pods, objects);
    if (pods === undefined || replicas < 2 || budgets.some((budget) => appliesTo(budget, pods))) return [];
    return [{ object, replicas }];
  });
}

/** A replicated workload without a budget. */
export const workloadWithoutBudget: Check = {
  id: 'workload-without-budget',
  severity: 'error',
  set: 'platform',
  why: 'When nodes are drained for an upgrade, all replicas may be evicted at the same time.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const unprotected = withoutBudget(cluster.objects.map(({ object }) => object));
      const replicasOf = new Map(unprotected.map(({ object, replicas }) => [object, replicas]));
      for (const workload of cluster.objects) {
        const replicas = replicasOf.get(workload.object);
        if (replicas === undefined) continue;
        const what = `runs ${replicas} replicas, but no PodDisruptionBudget selects its pods`;
        const todo = 'add one with maxUnavailable: 1, or include the component pdb';
        yield findingAt(tree, cluster, workload, ['spec', 'replicas'], what, todo);
      }
    }
  },
};

/** How many of the given number of pods a budget allows to be evicted, and the field that decides it. */
export function allowedDisruptions(budget: KubernetesObject, replicas: number): { field: string; count: number } {
  const { maxUnavailable, minAvailable } = specOf(budget);
  // Kubernetes rounds both up.
  const number = (value: Json | undefined): number =>
    typeof value === 'string' && value.endsWith('%')
      ? Math.ceil((Number(value.slice(0, -1)) * replicas) / 100)
      : Number(value);
  if (maxUnavailable !== undefined) return { field: 'maxUnavailable', count: number(maxUnavailable) };
  return { field: 'minAvailable', count: replicas - number(minAvailable ?? 0) };
}

/** A budget that allows no eviction. */
export const budgetBlocksDrain: Check = {
  id: 'budget-blocks-drain',
  severity: 'error',
  set: 'platform',
  why: 'A node with such a pod can never be drained: node upgrades get stuck there.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const objects = cluster.objects.map(({ object }) => object);
      for (const budget of cluster.objects.filter(({ object }) => isBudget(object))) {
        const blocked = blockedWorkload(budget, objects);
        if (blocked === undefined) continue;
        const todo = 'allow at least one pod to be evicted, or run more replicas';
        yield findingAt(tree, cluster, budget, blocked.path, blocked.what, todo);
      }
    }
  },
};

function blockedWorkload(
  { object: budget }: TreeObject,
  objects: readonly KubernetesObject[],
): { path: ObjectPath; what: string } | undefined {
  for (const object of objects) {
    const pods = podsOf(object);
    if (pods?.replicas === undefined || !appliesTo(budget, pods)) continue;
    const replicas = minReplicas(pods, objects);
    const { field, count } = allowedDisruptions(budget, replicas);
    if (replicas === 0 || count > 0) continue;
    const what = `allows none of the ${replicas} pods of ${object.kind} ${object.metadata.name} to be evicted`;
    return { path: ['spec', field], what };
  }
  return undefined;
}
