import { describeObject } from '../kubernetesObject';
import type { Tree } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { releases, targetNamespace } from './facts/charts';
import { volumesLeftOut, volumesOf } from './facts/volumes';
import { findingAt, notCheckedAt } from './finding';

const todo =
  'include the component volsync, or add a ScheduledBackup for Postgres; if its loss is acceptable, add a row to EXCEPTIONS.md that says why';

/** Volumes that nothing copies elsewhere. */
export const volumeWithoutBackup: Check = {
  id: 'volume-without-backup',
  severity: 'error',
  set: 'platform',
  why: 'A volume that is deleted by mistake, or lost with its cluster, is lost for good.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { object, path, names, isBackedUp } of volumesOf(cluster)) {
        yield { places: 1 };
        if (isBackedUp) continue;
        yield findingAt(tree, cluster, object, path, `no backup has its volumes: ${names.join(', ')}`, todo);
      }
      for (const { release } of releases(cluster)) {
        const rendered = tree.chartObjects?.get(release);
        if (rendered === undefined) {
          const reason = 'a chart may make volumes; --charts shows them';
          yield notCheckedAt(cluster, release, [], reason, 'whether its volumes are backed up');
          continue;
        }
        for (const object of rendered) {
          const names = volumesLeftOut(cluster, object, targetNamespace(release));
          if (names.length === 0) continue;
          const what = `its chart renders ${describeObject(object)}, and no backup has its volumes: ${names.join(', ')}`;
          yield findingAt(tree, cluster, release, [], what, todo);
        }
      }
    }
  },
};

/** How many objects of Git demand volumes, and of how many there are backups; one that several clusters have counts once. */
export function countVolumes(tree: Tree): { objects: number; backedUp: number } {
  const found = new Map<string, boolean>();
  for (const cluster of tree.clusters) {
    for (const { object, isBackedUp } of volumesOf(cluster)) {
      const key = `${object.file} ${describeObject(object.object)}`;
      found.set(key, (found.get(key) ?? true) && isBackedUp);
    }
  }
  return { objects: found.size, backedUp: [...found.values()].filter(Boolean).length };
}
