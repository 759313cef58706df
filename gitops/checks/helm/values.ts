import { isMap, specOf } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';

/** Values that helm-controller cannot read: a text, most often one that a `|` made of YAML. */
export const releaseValuesNotObject: Check = {
  id: 'release-values-not-object',
  severity: 'error',
  set: 'general',
  why: 'Flux takes values that are no object for none, without a word: the chart is installed with its defaults.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const { values } = specOf(release.object);
      if (values === undefined || values === null || isMap(values)) continue;
      const kind = Array.isArray(values) ? 'a list' : `a ${typeof values}`;
      const todo = 'write the values as keys below spec.values';
      yield about(tree, cluster, release, ['spec', 'values'], `has spec.values that are ${kind}`, todo);
    }
  },
};
