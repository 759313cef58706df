import { valueAt, listOf } from '../../kubernetesObject';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { type Policy, policiesOf, requirements, rulesOf } from './policies';

/** Whether Cilium sees the answers to what the pods of a policy ask DNS. */
function watchesDns(policy: Policy): boolean {
  return rulesOf(policy, 'egress').some(({ rule }) =>
    listOf(rule['toPorts']).some((entry) => listOf(valueAt(entry, 'rules', 'dns')).length > 0),
  );
}

/** Whether a policy selects every pod that another one does, as far as their texts tell. */
function selectsAllOf(policy: Policy, other: Policy): boolean {
  if (policy.namespace !== undefined && policy.namespace !== other.namespace) return false;
  const wanted = new Set(requirements(other.selector));
  const own = `io.kubernetes.pod.namespace In ${JSON.stringify([other.namespace])}`;
  return requirements(policy.selector).every((requirement) => wanted.has(requirement) || requirement === own);
}

/** A rule by name for pods whose questions Cilium does not see. */
export const fqdnWithoutDnsRule: Check = {
  id: 'fqdn-without-dns-rule',
  severity: 'error',
  set: 'platform',
  why: 'Cilium learns the addresses of names from the DNS answers that a dns rule leads through it; else toFQDNs matches nothing.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      const watching = policies.filter(watchesDns);
      for (const policy of policies) {
        if (watching.some((other) => selectsAllOf(other, policy))) continue;
        for (const { rule, path } of rulesOf(policy, 'egress')) {
          if (rule['toFQDNs'] === undefined) continue;
          const what = 'allows names (toFQDNs) to pods whose DNS no policy with a dns rule leads through Cilium';
          const todo = 'include the component networkpolicy/allow-dns, or add rules.dns to the rule for port 53';
          yield about(tree, cluster, policy.from, [...path, 'toFQDNs'], what, todo);
        }
      }
    }
  },
};
