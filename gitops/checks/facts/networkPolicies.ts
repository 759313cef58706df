import { type Json, type JsonMap, groupOf, isMap, listOf, specOf, valueAt } from '../../kubernetesObject';
import type { ObjectPath } from '../../sources';
import type { TreeCluster, TreeObject } from '../../tree';
import { show } from '../finding';

export type Direction = 'ingress' | 'egress';

export const directions: readonly Direction[] = ['ingress', 'egress'];

/** Network rules for a set of pods: a NetworkPolicy, or one of the specs of a Cilium policy. */
export interface Policy {
  from: TreeObject;
  cilium: boolean;
  /** Namespace of the pods; undefined if the policy applies to all namespaces. */
  namespace?: string;
  path: ObjectPath;
  spec: JsonMap;
  selector?: Json;
}

/** A rule of a policy that allows traffic. */
export interface AllowRule {
  path: ObjectPath;
  rule: JsonMap;
}

/** The network policies of a cluster that apply to pods. */
export function policiesOf(cluster: TreeCluster): Policy[] {
  return cluster.objects.flatMap((from): Policy[] => {
    const { object } = from;
    const { namespace } = object.metadata;
    if (object.kind === 'NetworkPolicy' && groupOf(object) === 'networking.k8s.io') {
      const spec = specOf(object);
      return [{ from, cilium: false, namespace, path: ['spec'], spec, selector: spec['podSelector'] ?? {} }];
    }
    const clusterwide = object.kind === 'CiliumClusterwideNetworkPolicy';
    if (groupOf(object) !== 'cilium.io' || !(clusterwide || object.kind === 'CiliumNetworkPolicy')) return [];
    const specs = Array.isArray(object['specs']) ? object['specs'] : [];
    const all: [Json | undefined, ObjectPath][] = [
      [object['spec'], ['spec']],
      ...specs.map((spec, index): [Json, ObjectPath] => [spec, ['specs', index]]),
    ];
    return all.flatMap(([spec, path]): Policy[] => {
      // With a nodeSelector it applies to nodes.
      if (!isMap(spec) || spec['endpointSelector'] === undefined) return [];
      const scope = clusterwide ? {} : { namespace };
      return [{ from, cilium: true, ...scope, path, spec, selector: spec['endpointSelector'] }];
    });
  });
}

/** The allow rules of a policy for one direction. */
export function rulesOf({ spec, path }: Policy, direction: Direction): AllowRule[] {
  const rules = spec[direction];
  return listOf(rules).flatMap((rule, index) => (isMap(rule) ? [{ rule, path: [...path, direction, index] }] : []));
}

/** Whether the pods that a policy selects are denied, in one direction, everything that no policy allows. */
export function isolates({ cilium, spec }: Policy, direction: Direction): boolean {
  if (cilium) {
    const explicit = valueAt(spec, 'enableDefaultDeny', direction);
    const has = (field: string): boolean => Array.isArray(spec[field]) && spec[field].length > 0;
    return typeof explicit === 'boolean' ? explicit : has(direction) || has(`${direction}Deny`);
  }
  const types = spec['policyTypes'];
  if (Array.isArray(types)) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || spec['egress'] !== undefined;
}

/** Whether a policy allows all traffic. In a CiliumNetworkPolicy an empty rule allows nothing. */
export function allowsAll(policy: Policy, direction: Direction): boolean {
  return !policy.cilium && rulesOf(policy, direction).some(({ rule }) => Object.keys(rule).length === 0);
}

/** The requirements of a selector as normalized strings: equal if they mean the same. Empty if it selects every pod. */
export function requirements(selector: Json | undefined): string[] {
  const labels = valueAt(selector, 'matchLabels');
  const expressions = valueAt(selector, 'matchExpressions');
  return [
    ...Object.entries(isMap(labels) ? labels : {}).map(
      ([key, value]) => `${withoutSource(key)} In ${JSON.stringify([value])}`,
    ),
    ...listOf(expressions).map((expression) => {
      const values = valueAt(expression, 'values');
      const list = Array.isArray(values) ? [...values].sort() : [];
      const key = withoutSource(show(valueAt(expression, 'key')));
      return `${key} ${show(valueAt(expression, 'operator'))} ${JSON.stringify(list)}`;
    }),
  ];
}

/** A label key without Cilium's source prefix (`k8s:`, `any:`). */
export function withoutSource(key: string): string {
  return key.replace(/^(k8s|any)[:.]/, '');
}

/** Whether a policy selects every pod of the given namespace. */
export function selectsNamespace({ selector, namespace }: Policy, name: string): boolean {
  if (namespace !== undefined && namespace !== name) return false;
  const own = `io.kubernetes.pod.namespace In ${JSON.stringify([name])}`;
  return requirements(selector).every((requirement) => requirement === own);
}

/** Whether a policy selects every pod that another one selects, as far as their selectors show. */
export function selectsAllOf(policy: Policy, other: Policy): boolean {
  if (policy.namespace !== undefined && policy.namespace !== other.namespace) return false;
  const wanted = new Set(requirements(other.selector));
  const own = `io.kubernetes.pod.namespace In ${JSON.stringify([other.namespace])}`;
  return requirements(policy.selector).every((requirement) => wanted.has(requirement) || requirement === own);
}

/** Whether a `ports` entry includes a port; a named port may be any. */
function includesPort(port: Json, wanted: number): boolean {
  const first = Number(valueAt(port, 'port'));
  const last = Number(valueAt(port, 'endPort') ?? first);
  return valueAt(port, 'port') === undefined || first === 0 || (first <= wanted && wanted <= last);
}

/** The ports that a rule is limited to, with their paths in the rule; undefined if it allows all ports. */
export function portsOf(rule: JsonMap): { path: (string | number)[]; port: Json }[] | undefined {
  if (rule['toPorts'] !== undefined) {
    const found = listOf(rule['toPorts']).flatMap((entry, index) =>
      listOf(valueAt(entry, 'ports')).map((port, at) => ({ path: ['toPorts', index, 'ports', at, 'port'], port })),
    );
    return found.length === 0 ? undefined : found;
  }
  const ports = listOf(rule['ports']);
  return ports.length === 0 ? undefined : ports.map((port, index) => ({ path: ['ports', index, 'port'], port }));
}

/** Whether a rule allows a port. */
export function allowsPort(rule: JsonMap, wanted: number): boolean {
  return portsOf(rule)?.some(({ port }) => includesPort(port, wanted)) ?? true;
}

/** The Cilium entities that a rule names. */
export function entitiesOf(rule: JsonMap, field: 'toEntities' | 'fromEntities'): string[] {
  return listOf(rule[field]).filter((entity) => typeof entity === 'string');
}

function labelsOf(selector: Json | undefined): Record<string, Json | undefined> {
  const labels = valueAt(selector, 'matchLabels');
  return Object.fromEntries(
    Object.entries(isMap(labels) ? labels : {}).map(([key, value]) => [withoutSource(key), value]),
  );
}

const dnsPort = 53;

/** The port that the Kubernetes API server listens on; its Service listens on 443. */
export const apiPort = 6443;

/** Whether a rule allows DNS queries to the cluster's DNS. */
export function reachesDns({ rule }: AllowRule): boolean {
  if (!allowsPort(rule, dnsPort)) return false;
  if (entitiesOf(rule, 'toEntities').some((entity) => entity === 'cluster' || entity === 'all')) return true;
  const pods = listOf(rule['toEndpoints']).map(labelsOf);
  if (
    pods.some((labels) => labels['k8s-app'] === 'kube-dns' || labels['io.kubernetes.pod.namespace'] === 'kube-system')
  )
    return true;
  if (listOf(rule['toServices']).some((service) => valueAt(service, 'k8sService', 'serviceName') === 'kube-dns'))
    return true;
  return listOf(rule['to']).some((peer) => {
    const namespaces = valueAt(peer, 'namespaceSelector');
    if (namespaces === undefined) return false;
    const name = labelsOf(namespaces)['kubernetes.io/metadata.name'];
    return name === undefined || name === 'kube-system';
  });
}

/** Whether a rule is about the Kubernetes API; a wrong port is reported by policy-api-port. */
export function reachesApi({ rule }: AllowRule): boolean {
  if (entitiesOf(rule, 'toEntities').some((entity) => entity === 'kube-apiserver' || entity === 'all')) return true;
  // Control planes are nodes, not pods: apart from the entity, only an address can match them.
  const byAddress =
    listOf(rule['to']).some((peer) => valueAt(peer, 'ipBlock') !== undefined) || rule['toCIDR'] !== undefined;
  return byAddress && allowsPort(rule, apiPort);
}
