import { type Json, isMap, specOf, valueAt } from '../../kubernetesObject';
import { writtenAt } from '../../locate';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';
import { show } from '../show';

const fields = ['interval', 'timeout', 'serviceAccountName', 'driftDetection', 'install', 'upgrade'];

/** What is written in one way and arrives in another; texts with variables are left alone. */
function* changed(
  written: Json | undefined,
  arrives: Json | undefined,
  path: string[],
): Generator<{ path: string[]; written: Json; arrives: Json | undefined }> {
  if (isMap(written)) {
    for (const [key, value] of Object.entries(written)) yield* changed(value, valueAt(arrives, key), [...path, key]);
  } else if (written !== undefined && written !== null && !Array.isArray(written)) {
    if (written !== arrives && !String(written).includes('${')) yield { path, written, arrives };
  }
}

/** A release that says of itself what the cluster's defaults then say otherwise. */
export const releaseDefaultWins: Check = {
  id: 'release-default-wins',
  severity: 'error',
  set: 'platform',
  why: 'The defaults are a patch that Flux lays over the release: what its own file says has no effect.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const field of fields) {
        const own = writtenAt(tree, release, ['spec', field]) as Json | undefined;
        for (const { path, written, arrives } of changed(own, spec[field], ['spec', field])) {
          const what = `says ${path.join('.')}: ${show(written)}, and arrives with ${show(arrives)}`;
          const todo = 'remove it, or let the defaults leave this release out by a label';
          yield about(tree, cluster, release, path, what, todo);
        }
      }
    }
  },
};
