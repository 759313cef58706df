import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';
import { type Direction, isolates, policiesOf, requirements } from './policies';

const directions: readonly Direction[] = ['ingress', 'egress'];

/** A policy that closes every pod of the cluster. */
export const clusterwideDefaultDeny: Check = {
  id: 'clusterwide-default-deny',
  severity: 'error',
  set: 'platform',
  why: 'It cuts off CoreDNS, Flux and every namespace without policies, at the moment it is applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        const { from, namespace, selector, path } = policy;
        if (namespace !== undefined || from.object.kind !== 'CiliumClusterwideNetworkPolicy') continue;
        const closed = directions.filter((direction) => isolates(policy, direction));
        if (requirements(selector).length > 0 || closed.length === 0) continue;
        const what = `selects every pod and closes it to ${closed.join(' and ')} by default`;
        const todo = `set enableDefaultDeny.${closed.join(' and .')} to false; deny by default namespace by namespace`;
        yield about(tree, cluster, from, [...path, 'endpointSelector'], what, todo);
      }
    }
  },
};

/** Policies that say they deny nothing by default, on a Cilium that does not listen. */
export const defaultDenyForced: Check = {
  id: 'default-deny-forced',
  severity: 'error',
  set: 'platform',
  why: 'Cilium then overlooks enableDefaultDeny: the policy closes what it selects.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster).filter(({ spec }) => spec['enableDefaultDeny'] !== undefined);
      const [first] = policies;
      for (const { release, chart } of releases(cluster)) {
        if (chart.name !== 'cilium' || first === undefined) continue;
        if (valuesOf(release.object)['enableNonDefaultDenyPolicies'] !== false) continue;
        const what = `switches off what ${first.from.object.kind} ${first.from.object.metadata.name} needs (enableDefaultDeny)`;
        const path = ['spec', 'values', 'enableNonDefaultDenyPolicies'];
        yield about(tree, cluster, release, path, what, 'remove enableNonDefaultDenyPolicies: true is the default');
      }
    }
  },
};
