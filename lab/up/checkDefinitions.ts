import { evaluateStacks, refusalOf } from '../../stacks/evaluateStack';

/**
 * Runs the program's own checks of every stack and its manifests before the lab starts anything, so that what `pulumi up`
 * would refuse after minutes is refused immediately. Throws all problems of all stacks together.
 */
export function checkDefinitions(root: string): void {
  const refusals = evaluateStacks(root).flatMap((evaluated) => refusalOf(evaluated)?.split('\n') ?? []);
  if (refusals.length > 0) throw new Error([...new Set(refusals)].join('\n'));
}
