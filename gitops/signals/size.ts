import { isDeepStrictEqual } from 'node:util';
import { isKustomization } from '../checks/facts/dependencies';
import { isHelmRelease } from '../checks/facts/charts';
import { specOf } from '../kubernetesObject';
import { type ClusterChange, changed, kustomizationObject, kustomizationOf } from './clusterChange';
import { dependants } from './dependencies';
import { type Found, type SignalRule, listedTexts } from './signal';

/** From this many Kustomizations or objects on a change is large. */
export const largeChange = { kustomizations: 10, objects: 60 } as const;

/** From this many waiting Kustomizations on a change reaches far. */
export const farReach = 5;

/** The ids of the Kustomizations with changed objects, and the number of these. */
function changedKustomizations({ pairs }: ClusterChange): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { before, after } of pairs) {
    if (before !== undefined && after !== undefined && isDeepStrictEqual(before.object, after.object)) continue;
    const id = (after ?? before)?.kustomization ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

const large: SignalRule = {
  id: 'large-change',
  severity: 'note',
  when: `objects of at least ${largeChange.kustomizations} Kustomizations, or at least ${largeChange.objects} objects, change on a cluster`,
  why: 'no one sees the one line that is wrong, and everything rolls out at the same time',
  todo: 'split it where the parts do not need each other',
  *find(change): Generator<Found> {
    const counts = changedKustomizations(change);
    const objects = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (counts.size < largeChange.kustomizations && objects < largeChange.objects) return;
    const [entry] = change.after.kustomizations;
    if (entry === undefined) return;
    const what = `${objects} objects of ${counts.size} Kustomization${counts.size === 1 ? '' : 's'} change`;
    yield { at: kustomizationObject(change.after, entry), what };
  },
};

const blastRadius: SignalRule = {
  id: 'blast-radius',
  severity: 'note',
  when: `at least ${farReach} Kustomizations wait for one with changed objects`,
  why: 'while it is not ready, Flux applies nothing of what waits for it',
  todo: 'merge it on its own, and watch it',
  *find(change): Generator<Found> {
    const ids = new Set(changedKustomizations(change).keys());
    for (const { before, after } of changed(change)) {
      const spec = [before, after].map(({ object }) => specOf(object));
      // What it applies may be the same and is applied in another way.
      if (isKustomization(after.object) && !isHelmRelease(after.object) && !isDeepStrictEqual(spec[0], spec[1]))
        ids.add(`${after.object.metadata.namespace ?? ''}/${after.object.metadata.name}`);
    }
    const reach = [...ids].flatMap((id) => {
      const waiting = kustomizationOf(change.after, id) === undefined ? [] : dependants(change.after, id);
      return waiting.length < farReach ? [] : [{ id, waiting }];
    });
    const [entry] = change.after.kustomizations;
    if (reach.length === 0 || entry === undefined) return;
    const most = [...reach].sort((a, b) => b.waiting.length - a.waiting.length || (a.id < b.id ? -1 : 1));
    const all = new Set(most.flatMap(({ waiting }) => waiting));
    const texts = most.map(({ id, waiting }) => `${id} (${waiting.length})`);
    const at = kustomizationObject(change.after, entry);
    yield { at, what: `${all.size} Kustomizations wait for what changes: for ${listedTexts(texts)}` };
  },
};

/** Signals about the size of a change. */
export const sizeRules: readonly SignalRule[] = [large, blastRadius];
