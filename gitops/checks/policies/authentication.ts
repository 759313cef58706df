import { valueAt } from '../../kubernetesObject';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';
import { type Direction, policiesOf, rulesOf } from './policies';

const directions: readonly Direction[] = ['ingress', 'egress'];

/** Whether Cilium authenticates; undefined where Git has no Cilium. */
function authenticates(cluster: Parameters<typeof policiesOf>[0]): boolean | undefined {
  const cilium = [...releases(cluster)].find(({ chart }) => chart.name === 'cilium');
  if (cilium === undefined) return undefined;
  return valueAt(valuesOf(cilium.release.object), 'authentication', 'mutual', 'spire', 'enabled') === true;
}

/** A policy that asks for what SPIRE does, where there is none. */
export const authenticationWithoutSpire: Check = {
  id: 'authentication-without-spire',
  severity: 'error',
  set: 'platform',
  why: 'Without SPIRE nobody can prove who he is: Cilium drops everything that the rule is about.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (authenticates(cluster) !== false) continue;
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of directions.flatMap((direction) => rulesOf(policy, direction))) {
          if (valueAt(rule, 'authentication', 'mode') !== 'required') continue;
          const what = `requires mutual authentication, and Cilium has no SPIRE`;
          const todo = 'remove the authentication, or switch SPIRE on (and the mesh off)';
          yield about(tree, cluster, policy.from, [...path, 'authentication', 'mode'], what, todo);
        }
      }
    }
  },
};
