import { type Json, groupOf, isMap, specOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease, releases } from './facts/charts';
import {
  type AllowRule,
  allowsAll,
  directions,
  isolates,
  policiesOf,
  reachesApi,
  reachesDns,
  rulesOf,
  selectsNamespace,
} from './facts/networkPolicies';
import { podsOf } from './facts/pods';
import { findingAt } from './finding';

/** A namespace, and the object at which to report it. */
interface ReportedNamespace {
  name: string;
  declared: TreeObject;
}

/** Whether a namespace belongs to the platform: the program creates it, or its file is in an infrastructure folder. */
function isPlatformNamespace(tree: Tree, { object, file }: TreeObject): boolean {
  return tree.program?.namespaces.includes(object.metadata.name) === true || file.split('/').includes('infrastructure');
}

/** The application namespaces: every declared namespace except those of the platform. */
function applicationNamespaces(tree: Tree, cluster: TreeCluster): ReportedNamespace[] {
  return cluster.objects.flatMap((declared) => {
    const { object } = declared;
    const isApplication = object.kind === 'Namespace' && groupOf(object) === '' && !isPlatformNamespace(tree, declared);
    return isApplication ? [{ name: object.metadata.name, declared }] : [];
  });
}

/** The platform namespaces in which Git runs something; reported at the Namespace, or else at the first workload. */
function platformNamespaces(tree: Tree, cluster: TreeCluster): ReportedNamespace[] {
  const applications = new Set(applicationNamespaces(tree, cluster).map(({ name }) => name));
  const charts = new Map([...releases(cluster)].map(({ release, chart }) => [release, chart.name]));
  const found = new Map<string, TreeObject>();
  for (const treeObject of cluster.objects) {
    const { object } = treeObject;
    // A chart that only contains CRDs runs nothing.
    const runs = podsOf(object) !== undefined || (isHelmRelease(object) && !charts.get(treeObject)?.endsWith('-crds'));
    const target = isHelmRelease(object) ? specOf(object)['targetNamespace'] : undefined;
    const namespace = typeof target === 'string' ? target : object.metadata.namespace;
    if (!runs || namespace === undefined || applications.has(namespace) || found.has(namespace)) continue;
    found.set(namespace, treeObject);
  }
  return [...found].flatMap(([name, first]) => {
    const declared = cluster.objects.find(
      ({ object }) => object.kind === 'Namespace' && groupOf(object) === '' && object.metadata.name === name,
    );
    // One that does not exist is reported by namespace-missing.
    if (declared === undefined && !/^(default|kube-.+)$/.test(name)) return [];
    return [{ name, declared: declared ?? first }];
  });
}

/** An application namespace whose pods accept traffic from anywhere, or may send it anywhere. */
export const namespaceWithoutDefaultDeny: Check = {
  id: 'namespace-without-default-deny',
  severity: 'error',
  set: 'platform',
  why: 'A single compromised pod can reach everything that no policy denies.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      for (const { name, declared } of applicationNamespaces(tree, cluster)) {
        const open = directions.filter(
          (direction) =>
            !policies.some((policy) => isolates(policy, direction) && selectsNamespace(policy, name)) ||
            policies.some((policy) => allowsAll(policy, direction) && selectsNamespace(policy, name)),
        );
        if (open.length === 0) continue;
        const what = `has no policy that denies ${open.join(' and ')} for all its pods by default`;
        yield findingAt(tree, cluster, declared, [], what, 'include the component networkpolicy/deny-all');
      }
    }
  },
};

/** Application namespaces without a policy that has an egress rule of the wanted kind. */
function* withoutEgressRule(
  tree: Tree,
  what: string,
  todo: string,
  isWanted: (rule: AllowRule) => boolean,
  without: (namespace: TreeObject) => boolean = () => false,
): Generator<RawFinding> {
  for (const cluster of tree.clusters) {
    const policies = policiesOf(cluster);
    for (const { name, declared } of applicationNamespaces(tree, cluster)) {
      const found = policies.some(
        (policy) => (policy.namespace ?? name) === name && rulesOf(policy, 'egress').some(isWanted),
      );
      if (!found && !without(declared)) yield findingAt(tree, cluster, declared, [], what, todo);
    }
  }
}

/** Whether a namespace says that its pods never ask the Kubernetes API. */
const asksNoApi = ({ object }: TreeObject): boolean =>
  valueAt(object, 'metadata', 'labels', 'k8s-gitops/kube-apiserver') === 'unused';

/** An application namespace whose pods cannot resolve names. */
export const namespaceWithoutDns: Check = {
  id: 'namespace-without-dns-policy',
  severity: 'error',
  set: 'platform',
  why: 'With default deny, pods that cannot resolve names cannot do anything.',
  run: (tree) =>
    withoutEgressRule(
      tree,
      "has no policy that allows its pods to query the cluster's DNS",
      'include the component networkpolicy/allow-dns',
      reachesDns,
    ),
};

/** An application namespace that does not declare which pods may access the Kubernetes API. */
export const namespaceWithoutApi: Check = {
  id: 'namespace-without-api-policy',
  severity: 'error',
  set: 'platform',
  why: 'With default deny, operators and their hooks fail with errors that do not point to the network.',
  run: (tree) =>
    withoutEgressRule(
      tree,
      'has no policy for the Kubernetes API',
      'include the component networkpolicy/allow-kube-apiserver, restricted to the pods that need it, or label the namespace k8s-gitops/kube-apiserver: unused',
      reachesApi,
      asksNoApi,
    ),
};

/** A platform namespace without any policy. */
export const platformNamespaceWithoutPolicies: Check = {
  id: 'platform-namespace-without-policies',
  severity: 'error',
  set: 'platform',
  why: 'Platform components have the widest permissions, and without a policy every pod can reach them.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const policies = policiesOf(cluster);
      for (const { name, declared } of platformNamespaces(tree, cluster)) {
        if (policies.some(({ namespace }) => namespace === name) || chartsCreatePolicies(cluster, name)) continue;
        const what = `namespace ${name} runs workloads without any network policy`;
        const todo = 'add policies for what runs there, or add a row to EXCEPTIONS.md';
        yield findingAt(tree, cluster, declared, [], what, todo);
      }
    }
  },
};

function chartsCreatePolicies(cluster: TreeCluster, namespace: string): boolean {
  return cluster.objects.some(
    ({ object }) =>
      object.metadata.namespace === namespace &&
      (object.kind === 'HelmRelease' || object.kind === 'FluxInstance') &&
      enablesPolicies(specOf(object)),
  );
}

/** Whether values tell a chart to create network policies. */
export function enablesPolicies(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(enablesPolicies);
  if (!isMap(value)) return false;
  return Object.entries(value).some(([key, item]) => {
    if (!/^(cilium)?networkPolic(y|ies)$/i.test(key)) return enablesPolicies(item);
    return item === true || (isMap(item) && (item['enabled'] === true || item['create'] === true));
  });
}
