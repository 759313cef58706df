import type { KubernetesObject } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { type PodSecurityLevel, levelOf } from '../security/podSecurity';
import { budgetBlocksDrain, withoutBudget, workloadWithoutBudget } from './budgets';
import { workloadHostPath, workloadPrivileged } from './hostAccess';
import { imageLatest, imageNotPinned } from './images';
import { podsOf } from './pods';
import { workloadNotRestricted } from './restricted';
import { workloadMayBeRoot, workloadRootWritable } from './rights';
import type { WorkloadFault, WorkloadRule } from './rule';
import { workloadWithoutProbe, workloadWithoutRequests } from './running';
import { selectorMissesPods } from './templates';

/** Rules about the pods of one object. */
export const workloadRules: readonly WorkloadRule[] = [
  workloadWithoutRequests,
  workloadWithoutProbe,
  workloadMayBeRoot,
  workloadRootWritable,
  workloadPrivileged,
  workloadHostPath,
  workloadNotRestricted,
  imageNotPinned,
];

/** A fault of a workload with all that a finding says of it, but for its place. */
export type FoundFault = WorkloadFault & Pick<WorkloadRule, 'id' | 'severity' | 'why' | 'todo'>;

/**
 * What is wrong with the pods that an object makes; nothing for an object that makes none. For objects that a chart
 * rendered, too: `level` is what Pod Security enforces in their namespace (`levelOf`), paths are within the object.
 */
export function checkWorkload(object: KubernetesObject, level: PodSecurityLevel = 'privileged'): FoundFault[] {
  const pods = podsOf(object);
  if (pods === undefined) return [];
  return workloadRules.flatMap(({ find, ...about }) =>
    [...find(pods, level)].map((fault) => ({ ...pick(about), ...fault })),
  );
}

function pick({
  id,
  severity,
  why,
  todo,
}: Omit<WorkloadRule, 'find'>): Pick<WorkloadRule, 'id' | 'severity' | 'why' | 'todo'> {
  return { id, severity, why, todo };
}

function toCheck({ id, severity, why, todo, find }: WorkloadRule): Check {
  return {
    id,
    severity,
    set: 'platform',
    why,
    *run(tree): Generator<RawFinding> {
      for (const [cluster, one] of eachObject(tree)) {
        const pods = podsOf(one.object);
        if (pods === undefined) continue;
        for (const { path, what } of find(pods, levelOf(cluster, one.object.metadata.namespace))) {
          yield about(tree, cluster, one, path, what, todo);
        }
      }
    },
  };
}

/** What runs, as far as Git itself has it; charts are looked into by `checkWorkload`. */
export const workloadChecks: Check[] = [
  ...workloadRules.map(toCheck),
  imageLatest,
  workloadWithoutBudget,
  budgetBlocksDrain,
  selectorMissesPods,
];

export { levelOf, withoutBudget };
