import { type Json, type JsonMap, groupOf, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import type { Path } from '../about';
import { show } from '../show';

export type Direction = 'ingress' | 'egress';

/** Rules of one kind about some pods: a NetworkPolicy, or one of the specs of a Cilium policy. */
export interface Policy {
  from: TreeObject;
  cilium: boolean;
  /** Namespace of the pods; undefined where it is for those of every namespace. */
  namespace?: string;
  path: Path;
  spec: JsonMap;
  selector?: Json;
}

/** A rule of a policy that lets something through. */
export interface Rule {
  path: Path;
  rule: JsonMap;
}

/** The network policies of a cluster, as far as they are about pods. */
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
    const all: [Json | undefined, Path][] = [
      [object['spec'], ['spec']],
      ...specs.map((spec, index): [Json, Path] => [spec, ['specs', index]]),
    ];
    return all.flatMap(([spec, path]): Policy[] => {
      // With a nodeSelector it is about machines.
      if (!isMap(spec) || spec['endpointSelector'] === undefined) return [];
      const where = clusterwide ? {} : { namespace };
      return [{ from, cilium: true, ...where, path, spec, selector: spec['endpointSelector'] }];
    });
  });
}

/** The rules of a policy for one direction. */
export function rulesOf({ spec, path }: Policy, direction: Direction): Rule[] {
  const rules = spec[direction];
  return listOf(rules).flatMap((rule, index) => (isMap(rule) ? [{ rule, path: [...path, direction, index] }] : []));
}

/** Whether the pods that a policy selects are closed, in one direction, to all that no policy lets through. */
export function isolates({ cilium, spec }: Policy, direction: Direction): boolean {
  if (cilium) {
    const said = valueAt(spec, 'enableDefaultDeny', direction);
    const has = (field: string): boolean => Array.isArray(spec[field]) && spec[field].length > 0;
    return typeof said === 'boolean' ? said : has(direction) || has(`${direction}Deny`);
  }
  const types = spec['policyTypes'];
  if (Array.isArray(types)) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || spec['egress'] !== undefined;
}

/** Whether a policy lets everybody through. In a CiliumNetworkPolicy an empty rule lets nobody through. */
export function allowsAll(policy: Policy, direction: Direction): boolean {
  return !policy.cilium && rulesOf(policy, direction).some(({ rule }) => Object.keys(rule).length === 0);
}

/** What a selector asks for, each as a text that is equal where it means the same; none where it selects every pod. */
export function requirements(selector: Json | undefined): string[] {
  const labels = valueAt(selector, 'matchLabels');
  const expressions = valueAt(selector, 'matchExpressions');
  return [
    ...Object.entries(isMap(labels) ? labels : {}).map(([key, value]) => `${bare(key)} In ${JSON.stringify([value])}`),
    ...listOf(expressions).map((expression) => {
      const values = valueAt(expression, 'values');
      const list = Array.isArray(values) ? [...values].sort() : [];
      return `${bare(show(valueAt(expression, 'key')))} ${show(valueAt(expression, 'operator'))} ${JSON.stringify(list)}`;
    }),
  ];
}

/** A label's key without the source that Cilium writes before it. */
export function bare(key: string): string {
  return key.replace(/^(k8s|any)[:.]/, '');
}

/** Whether a policy selects every pod of a namespace. */
export function selectsAll({ selector, namespace }: Policy, of: string): boolean {
  if (namespace !== undefined && namespace !== of) return false;
  const own = `io.kubernetes.pod.namespace In ${JSON.stringify([of])}`;
  return requirements(selector).every((requirement) => requirement === own);
}
