import { describeObject } from '../../gitops/kubernetesObject';
import { isHelmRelease } from '../../gitops/checks/sources/charts';
import { locate } from '../../gitops/locate';
import type { Tree } from '../../gitops/tree';
import type { NotChecked } from './options';

/** Every HelmRelease, once: what its chart makes of the values was not looked at. */
export function chartsNotChecked(tree: Tree): NotChecked[] {
  const releases = tree.clusters.flatMap(({ objects }) => objects.filter(({ object }) => isHelmRelease(object)));
  const entries = releases.map((release): [string, NotChecked] => {
    const place = locate(tree, release);
    const object = describeObject(release.object);
    const reason = 'what its chart makes of the values; --charts looks into it';
    return [`${place.file}:${place.line} ${object}`, { object, ...place, reason }];
  });
  return [...new Map(entries).values()];
}
