import { type Json, specOf, valueAt } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';

const show = (policy: Json | undefined): string => (policy === undefined ? 'not set' : JSON.stringify(policy));

/**
 * A release that would not keep its CustomResourceDefinitions at its chart's version: they are there before it, from this
 * very chart, so that only CreateReplace changes them. Skip, on both actions, says that they are none of its business.
 */
export const releaseCrdsPolicy: Check = {
  id: 'release-crds-policy',
  severity: 'error',
  set: 'platform',
  why: 'Definitions are installed before the release: a newer chart would run with the old ones.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      const install = valueAt(spec, 'install', 'crds');
      const upgrade = valueAt(spec, 'upgrade', 'crds');
      if (install === upgrade && (install === 'CreateReplace' || install === 'Skip')) continue;
      const wrong = upgrade === 'CreateReplace' ? 'install' : 'upgrade';
      const what = `has install.crds ${show(install)} and upgrade.crds ${show(upgrade)}`;
      const todo = 'set both to CreateReplace, or both to Skip where the definitions are not wanted';
      yield about(tree, cluster, release, ['spec', wrong, 'crds'], what, todo);
    }
  },
};
