import { type Json, isMap, listOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster } from '../tree';
import type { Check, RawFinding } from './check';
import { ciliumReleases } from './facts/charts';
import {
  type Policy,
  allowsPort,
  apiPort,
  directions,
  entitiesOf,
  isolates,
  policiesOf,
  portsOf,
  requirements,
  rulesOf,
  selectsAllOf,
  withoutSource,
} from './facts/networkPolicies';
import { findingAt } from './finding';

/** A policy that allows the port of the API's Service instead of that of the API server. */
export const policyApiPort: Check = {
  id: 'policy-api-port',
  severity: 'error',
  set: 'platform',
  why: 'Cilium matches the port behind the Service, which is 6443: the rule allows nothing.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of rulesOf(policy, 'egress')) {
          if (!entitiesOf(rule, 'toEntities').includes('kube-apiserver') || allowsPort(rule, apiPort)) continue;
          const [first] = portsOf(rule) ?? [];
          const what = `allows kube-apiserver, but not on port ${apiPort}`;
          const todo = `set the port to ${apiPort}`;
          yield findingAt(tree, cluster, policy.from, [...path, ...(first?.path ?? [])], what, todo);
        }
      }
    }
  },
};

/** Whether Cilium proxies the DNS queries of the pods that a policy selects. */
function hasDnsRule(policy: Policy): boolean {
  return rulesOf(policy, 'egress').some(({ rule }) =>
    listOf(rule['toPorts']).some((entry) => listOf(valueAt(entry, 'rules', 'dns')).length > 0),
  );
}

/** A rule by DNS name for pods whose queries Cilium does not see. */
export const fqdnWithoutDnsRule: Check = {
  id: 'fqdn-without-dns-rule',
  severity: 'error',
  set: 'platform',
  why: 'Cilium learns the addresses of names from DNS responses that a dns rule sends through its proxy; without one, toFQDNs matches nothing.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      const withDnsRule = policies.filter(hasDnsRule);
      for (const policy of policies) {
        if (withDnsRule.some((other) => selectsAllOf(other, policy))) continue;
        for (const { rule, path } of rulesOf(policy, 'egress')) {
          if (rule['toFQDNs'] === undefined) continue;
          const what = 'allows DNS names (toFQDNs) for pods that no policy with a dns rule covers';
          const todo = 'include the component networkpolicy/allow-dns, or add rules.dns to the rule for port 53';
          yield findingAt(tree, cluster, policy.from, [...path, 'toFQDNs'], what, todo);
        }
      }
    }
  },
};

const gatewayLabel = /^(io\.cilium[./]gateway|gateway\.networking\.k8s\.io\/)/;

/** The labels that a value selects by, each with its path. */
function* selectedLabels(value: Json | undefined, path: ObjectPath): Generator<{ key: string; path: ObjectPath }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* selectedLabels(item, [...path, index]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'matchLabels' && isMap(item)) {
        for (const name of Object.keys(item)) yield { key: withoutSource(name), path: [...path, key, name] };
      } else if (key === 'matchExpressions' && Array.isArray(item)) {
        for (const [index, expression] of item.entries()) {
          const name = isMap(expression) ? expression['key'] : undefined;
          if (typeof name === 'string') yield { key: withoutSource(name), path: [...path, key, index, 'key'] };
        }
      } else yield* selectedLabels(item, [...path, key]);
    }
  }
}

/** A rule that selects the pods of a gateway: Cilium's gateway has none. */
export const gatewayByLabel: Check = {
  id: 'gateway-by-label',
  severity: 'error',
  set: 'platform',
  why: "Cilium's gateway is not a pod: its traffic has the identity `ingress`, and no label selects it.",
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of rulesOf(policy, 'ingress')) {
          for (const label of selectedLabels(rule, path)) {
            if (!gatewayLabel.test(label.key)) continue;
            const what = `selects the gateway by the label ${label.key}`;
            const todo = 'use fromEntities: [ingress] in a CiliumNetworkPolicy';
            yield findingAt(tree, cluster, policy.from, label.path, what, todo);
          }
        }
      }
    }
  },
};

/** A policy that denies by default for every pod of the cluster. */
export const clusterwideDefaultDeny: Check = {
  id: 'clusterwide-default-deny',
  severity: 'error',
  set: 'platform',
  why: 'It cuts off CoreDNS, Flux and every namespace without policies as soon as it is applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const policy of policiesOf(cluster)) {
        const { from, namespace, selector, path } = policy;
        if (namespace !== undefined || from.object.kind !== 'CiliumClusterwideNetworkPolicy') continue;
        const denied = directions.filter((direction) => isolates(policy, direction));
        if (requirements(selector).length > 0 || denied.length === 0) continue;
        const what = `selects every pod and denies ${denied.join(' and ')} by default`;
        const todo = `set enableDefaultDeny.${denied.join(' and .')} to false; deny by default in each namespace instead`;
        yield findingAt(tree, cluster, from, [...path, 'endpointSelector'], what, todo);
      }
    }
  },
};

/** A Cilium configuration that ignores enableDefaultDeny although a policy sets it. */
export const defaultDenyForced: Check = {
  id: 'default-deny-forced',
  severity: 'error',
  set: 'platform',
  why: 'Cilium then ignores enableDefaultDeny: the policy denies by default for what it selects.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster).filter(({ spec }) => spec['enableDefaultDeny'] !== undefined);
      const [first] = policies;
      for (const { release, values } of ciliumReleases(cluster)) {
        if (first === undefined || values['enableNonDefaultDenyPolicies'] !== false) continue;
        const what = `disables enableDefaultDeny, which ${first.from.object.kind} ${first.from.object.metadata.name} needs`;
        const path = ['spec', 'values', 'enableNonDefaultDenyPolicies'];
        const todo = 'remove enableNonDefaultDenyPolicies: true is the default';
        yield findingAt(tree, cluster, release, path, what, todo);
      }
    }
  },
};

/** Whether Cilium supports mutual authentication; undefined if Git has no Cilium release. */
function hasSpire(cluster: TreeCluster): boolean | undefined {
  const [cilium] = ciliumReleases(cluster);
  if (cilium === undefined) return undefined;
  return valueAt(cilium.values, 'authentication', 'mutual', 'spire', 'enabled') === true;
}

/** A policy that requires mutual authentication without SPIRE. */
export const authenticationWithoutSpire: Check = {
  id: 'authentication-without-spire',
  severity: 'error',
  set: 'platform',
  why: 'Without SPIRE no pod can authenticate: Cilium drops all traffic that the rule matches.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (hasSpire(cluster) !== false) continue;
      for (const policy of policiesOf(cluster)) {
        for (const { rule, path } of directions.flatMap((direction) => rulesOf(policy, direction))) {
          if (valueAt(rule, 'authentication', 'mode') !== 'required') continue;
          const what = `requires mutual authentication, but Cilium has no SPIRE`;
          const todo = 'remove the authentication, or enable SPIRE (and disable the mesh)';
          yield findingAt(tree, cluster, policy.from, [...path, 'authentication', 'mode'], what, todo);
        }
      }
    }
  },
};
