import { describeObject } from '../../gitops/kubernetesObject';
import { isHelmRelease } from '../../gitops/checks/facts/charts';
import { locate } from '../../gitops/locate';
import type { Tree } from '../../gitops/tree';
import type { NotChecked } from './options';

/** One entry per HelmRelease: without `--charts`, nothing checks what its chart renders from the values. */
export function chartsNotChecked(tree: Tree): NotChecked[] {
  const releases = tree.clusters.flatMap(({ objects }) => objects.filter(({ object }) => isHelmRelease(object)));
  const entries = releases.map((release): [string, NotChecked] => {
    const place = locate(tree, release);
    const object = describeObject(release.object);
    const reason = 'what its chart renders from the values; run with --charts to check it';
    return [`${place.file}:${place.line} ${object}`, { object, ...place, reason }];
  });
  return [...new Map(entries).values()];
}
