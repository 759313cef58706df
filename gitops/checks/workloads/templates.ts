import { specOf } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { podsOf } from './pods';
import { selects } from './selectors';

/** A workload whose selector does not select its own pods. */
export const selectorMissesPods: Check = {
  id: 'selector-misses-pods',
  severity: 'error',
  set: 'general',
  why: 'The API server refuses a workload that would not find the pods it makes.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const pods = podsOf(one.object);
      const { selector } = specOf(one.object);
      if (pods === undefined || !['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(one.object.kind))
        continue;
      if (selector === undefined || selects(selector, pods.labels)) continue;
      const what = 'has a selector that does not select the labels of its own template';
      yield about(tree, cluster, one, ['spec', 'selector'], what, 'make the two agree');
    }
  },
};
