import { registry } from '../../../provider/resources/registry';
import { withRef } from '../../validate/diff/checkoutRef';
import { planStack } from '../planStack';
import type { ComparablePlan } from '../stackPlan';
import { selectedStacks, stacksOf } from '../stacksOf';
import { type PlanDiff, planDiff } from './planDiff';

/** What `npm run plan -- --diff <ref> --json` prints. */
export interface PlanDiffResult {
  ref: string;
  commit: string;
  /** Stacks that something happens to. */
  stacks: PlanDiff[];
  /** Names of the others. */
  unchanged: string[];
}

/**
 * What `up` and Flux would do because of the folder as it is now, instead of as it was at a commit.
 * @param names of stacks; all if empty
 * @throws ValidateError if the commit does not exist; what {@link planStack} throws
 */
export async function runPlanDiff(root: string, ref: string, names: readonly string[]): Promise<PlanDiffResult> {
  return await withRef(root, ref, async (folder, commit) => {
    const [old, now] = [stacksOf(folder), stacksOf(root)];
    const stacks: PlanDiff[] = [];
    const unchanged: string[] = [];
    // One after the other: the SDK's state is global.
    for (const stack of selectedStacks([...new Set([...old, ...now])].sort(), names)) {
      const before = old.includes(stack) ? await planStack(stack, folder) : undefined;
      const after = now.includes(stack) ? await planStack(stack, root, formatOf(before)) : undefined;
      const diff = planDiff(before, after, updatesResource);
      if (diff === undefined) unchanged.push(stack);
      else stacks.push(diff);
    }
    return { ref, commit, stacks, unchanged };
  });
}

/** Whether a change of an input updates a resource: for those of our provider, it decides; for others, every input does. */
export function updatesResource(type: string, input: string): boolean {
  const own = registry[type];
  return own === undefined || [...own.connectionInputs, ...own.updateTriggers].includes(input);
}

/** A cluster keeps the format of its first version, whatever version it has now. */
function formatOf(before: ComparablePlan | undefined): string | undefined {
  return before?.plan.format;
}
