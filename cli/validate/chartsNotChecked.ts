import type { NotChecked } from '../../gitops/checks/check';
import { isHelmRelease } from '../../gitops/checks/facts/charts';
import { eachObject, notCheckedAt } from '../../gitops/checks/finding';
import { chartsRule, describeNotChecked, mergeNotChecked } from '../../gitops/notChecked';
import type { Tree } from '../../gitops/tree';

/** One entry per HelmRelease: without `--charts`, nothing checks what its chart renders from the values. */
export function chartsNotChecked(tree: Tree): NotChecked[] {
  const reason = 'charts are rendered only with --charts';
  const what = 'what its chart renders from the values';
  return mergeNotChecked(
    [...eachObject(tree)]
      .filter(([, { object }]) => isHelmRelease(object))
      .map(([cluster, release]) =>
        describeNotChecked(tree, chartsRule, notCheckedAt(cluster, release, [], reason, what)),
      ),
  );
}
