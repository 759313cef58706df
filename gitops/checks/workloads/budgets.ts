import { type Json, type KubernetesObject, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { type Pods, podsOf } from './pods';
import { selects } from './selectors';

function isBudget(object: KubernetesObject): boolean {
  return object.kind === 'PodDisruptionBudget' && groupOf(object) === 'policy';
}

function covers(budget: KubernetesObject, { object, labels }: Pods): boolean {
  const { selector } = specOf(budget);
  return budget.metadata.namespace === object.metadata.namespace && selector !== undefined && selects(selector, labels);
}

/** The fewest pods of a workload that run: what its autoscaler says, or it itself. */
function fewest(pods: Pods, objects: readonly KubernetesObject[]): number {
  const { kind, metadata } = pods.object;
  for (const other of objects) {
    const field = { HorizontalPodAutoscaler: 'minReplicas', ScaledObject: 'minReplicaCount' }[other.kind];
    const target = valueAt(specOf(other), 'scaleTargetRef');
    if (field === undefined || other.metadata.namespace !== metadata.namespace) continue;
    if (valueAt(target, 'name') !== metadata.name || (valueAt(target, 'kind') ?? 'Deployment') !== kind) continue;
    const count = specOf(other)[field];
    return typeof count === 'number' ? count : 1;
  }
  return pods.replicas ?? 0;
}

/** Workloads with several replicas that no budget keeps from being evicted all at once. */
export function withoutBudget(objects: readonly KubernetesObject[]): { object: KubernetesObject; replicas: number }[] {
  const budgets = objects.filter(isBudget);
  return objects.flatMap((object) => {
    const pods = podsOf(object);
    const replicas = pods === undefined ? 0 : fewest(pods, objects);
    if (pods === undefined || replicas < 2 || budgets.some((budget) => covers(budget, pods))) return [];
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
      const found = new Map(withoutBudget(cluster.objects.map(({ object }) => object)).map((one) => [one.object, one]));
      for (const one of cluster.objects) {
        const replicas = found.get(one.object)?.replicas;
        if (replicas === undefined) continue;
        const what = `runs ${replicas} replicas, and no PodDisruptionBudget selects its pods`;
        const todo = 'add one with maxUnavailable: 1, or include the component pdb';
        yield about(tree, cluster, one, ['spec', 'replicas'], what, todo);
      }
    }
  },
};

/** How many of so many pods a budget lets go, as its own fields say. */
export function mayGo(budget: KubernetesObject, replicas: number): { field: string; count: number } {
  const { maxUnavailable, minAvailable } = specOf(budget);
  // Kubernetes rounds both up.
  const number = (value: Json | undefined): number =>
    typeof value === 'string' && value.endsWith('%')
      ? Math.ceil((Number(value.slice(0, -1)) * replicas) / 100)
      : Number(value);
  if (maxUnavailable !== undefined) return { field: 'maxUnavailable', count: number(maxUnavailable) };
  return { field: 'minAvailable', count: replicas - number(minAvailable ?? 0) };
}

/** A budget that lets no pod go. */
export const budgetBlocksDrain: Check = {
  id: 'budget-blocks-drain',
  severity: 'error',
  set: 'platform',
  why: 'A node with such a pod can never be drained: upgrades of the machines stand still there.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const objects = cluster.objects.map(({ object }) => object);
      for (const budget of cluster.objects.filter(({ object }) => isBudget(object))) {
        const fault = blocks(budget, objects);
        if (fault === undefined) continue;
        const todo = 'let at least one pod go, or run more replicas';
        yield about(tree, cluster, budget, fault.path, fault.what, todo);
      }
    }
  },
};

function blocks(
  { object: budget }: TreeObject,
  objects: readonly KubernetesObject[],
): { path: Path; what: string } | undefined {
  for (const object of objects) {
    const pods = podsOf(object);
    if (pods?.replicas === undefined || !covers(budget, pods)) continue;
    const replicas = fewest(pods, objects);
    const { field, count } = mayGo(budget, replicas);
    if (replicas === 0 || count > 0) continue;
    const what = `lets none of the ${replicas} pods of ${object.kind} ${object.metadata.name} go`;
    return { path: ['spec', field], what };
  }
  return undefined;
}
