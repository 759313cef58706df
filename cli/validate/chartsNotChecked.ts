import { describeObject } from '../../gitops/kubernetesObject';
import { isHelmRelease } from '../../gitops/checks/facts/charts';
import { locate } from '../../gitops/locate';
import type { Tree, TreeObject } from '../../gitops/tree';
import type { NotChecked } from './options';

/** One entry per HelmRelease: without `--charts`, nothing checks what its chart renders from the values. */
export function chartsNotChecked(tree: Tree): NotChecked[] {
  const releases = tree.clusters.flatMap(({ objects }) => objects.filter(({ object }) => isHelmRelease(object)));
  const entries = releases.map((release): [string, NotChecked] => {
    const entry = notChecked(tree, release);
    return [`${entry.file} ${entry.object}`, entry];
  });
  return [...new Map(entries).values()];
}

function notChecked(tree: Tree, release: TreeObject): NotChecked {
  return {
    object: describeObject(release.object),
    file: release.file,
    // On demand: most runs print only the number of entries, and parsing all these files costs more than all rules.
    get line() {
      return locate(tree, release).line;
    },
    reason: 'what its chart renders from the values; run with --charts to check it',
  };
}
