import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { policiesOf, rulesOf } from './policies';
import { allowsPort, entitiesOf, portsOf } from './reach';

/** A policy that opens the port of the API's Service instead of that of the API. */
export const policyApiPort: Check = {
  id: 'policy-api-port',
  severity: 'error',
  set: 'platform',
  why: 'Cilium looks at the port behind the Service, which is 6443: the rule lets nothing through.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of rulesOf(policy, 'egress')) {
          if (!entitiesOf(rule, 'toEntities').includes('kube-apiserver') || allowsPort(rule, 6443)) continue;
          const [first] = portsOf(rule) ?? [];
          const what = 'lets pods reach kube-apiserver, but not on port 6443';
          yield about(tree, cluster, policy.from, [...path, ...(first?.path ?? [])], what, 'set the port to 6443');
        }
      }
    }
  },
};
