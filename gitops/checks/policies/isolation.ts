import { specOf } from '../../kubernetesObject';
import type { Tree, TreeCluster } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { applicationNamespaces, makesPolicies, platformNamespaces } from './namespaces';
import {
  type Direction,
  type Policy,
  type Rule,
  allowsAll,
  isolates,
  policiesOf,
  rulesOf,
  selectsAll,
} from './policies';
import { reachesApi, reachesDns } from './reach';

const directions: readonly Direction[] = ['ingress', 'egress'];

/** An application's namespace whose pods anybody may talk to, or that may talk to anybody. */
export const namespaceWithoutDefaultDeny: Check = {
  id: 'namespace-without-default-deny',
  severity: 'error',
  set: 'platform',
  why: 'One pod that is broken into reaches everything that no policy closes.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      for (const { name, declared } of applicationNamespaces(tree, cluster)) {
        const open = directions.filter(
          (direction) =>
            !policies.some((policy) => isolates(policy, direction) && selectsAll(policy, name)) ||
            policies.some((policy) => allowsAll(policy, direction) && selectsAll(policy, name)),
        );
        if (open.length === 0) continue;
        const what = `has no policy that closes all its pods to ${open.join(' and ')} by default`;
        yield about(tree, cluster, declared, [], what, 'include the component networkpolicy/deny-all');
      }
    }
  },
};

function* without(tree: Tree, what: string, todo: string, reaches: (rule: Rule) => boolean): Generator<RawFinding> {
  const allows = (policy: Policy): boolean => rulesOf(policy, 'egress').some(reaches);
  for (const cluster of tree.clusters) {
    const policies = policiesOf(cluster);
    for (const { name, declared } of applicationNamespaces(tree, cluster)) {
      const there = policies.some((policy) => (policy.namespace ?? name) === name && allows(policy));
      if (!there) yield about(tree, cluster, declared, [], what, todo);
    }
  }
}

/** An application's namespace whose pods can resolve no name. */
export const namespaceWithoutDns: Check = {
  id: 'namespace-without-dns-policy',
  severity: 'error',
  set: 'platform',
  why: 'Where all is denied by default, nothing works that cannot resolve a name.',
  run: (tree) =>
    without(
      tree,
      "has no policy that lets its pods ask the cluster's DNS",
      'include the component networkpolicy/allow-dns',
      reachesDns,
    ),
};

/** An application's namespace that does not say which pods may ask the Kubernetes API. */
export const namespaceWithoutApi: Check = {
  id: 'namespace-without-api-policy',
  severity: 'error',
  set: 'platform',
  why: 'Where all is denied by default, operators and their hooks fail in ways that do not name the network.',
  run: (tree) =>
    without(
      tree,
      'has no policy about the Kubernetes API',
      'include the component networkpolicy/allow-kube-apiserver, narrowed to the pods that need it',
      reachesApi,
    ),
};

/** A namespace of the platform's that nobody has thought about. */
export const platformNamespaceWithoutPolicies: Check = {
  id: 'platform-namespace-without-policies',
  severity: 'error',
  set: 'platform',
  why: 'What runs the platform may do most on it, and without a policy every pod may talk to it.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      for (const { name, declared } of platformNamespaces(tree, cluster)) {
        if (policies.some(({ namespace }) => namespace === name) || chartsMakePolicies(cluster, name)) continue;
        const what = `namespace ${name} runs something and has no network policy`;
        const todo = 'write policies for what runs there, or add a row to EXCEPTIONS.md';
        yield about(tree, cluster, declared, [], what, todo);
      }
    }
  },
};

function chartsMakePolicies(cluster: TreeCluster, name: string): boolean {
  return cluster.objects.some(
    ({ object }) =>
      object.metadata.namespace === name &&
      (object.kind === 'HelmRelease' || object.kind === 'FluxInstance') &&
      makesPolicies(specOf(object)),
  );
}
