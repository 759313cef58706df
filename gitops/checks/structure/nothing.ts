import { isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { declaredKustomizations } from './dependencies';
import { findOrphans } from './orphans';

/** A Kustomization that has nothing to apply. */
export const kustomizationAppliesNothing: Check = {
  id: 'kustomization-applies-nothing',
  severity: 'error',
  set: 'platform',
  why: 'It is ready at once and looks as if what it is named after were there.',
  *run(tree): Generator<RawFinding> {
    const orphans = findOrphans(tree);
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const applying = new Set(cluster.objects.map(({ kustomization }) => kustomization));
      for (const [{ id, path, skipped }, object] of declaredKustomizations(cluster)) {
        if (applying.has(id) || skipped !== undefined) continue;
        // Files beside an empty list are reported one by one.
        if (orphans.some(({ file }) => file.startsWith(`${path}/`))) continue;
        const what = `applies nothing: ${path} renders no object`;
        yield about(tree, cluster, object, ['spec', 'path'], what, `list resources in ${path}, or remove both`);
      }
    }
  },
};
