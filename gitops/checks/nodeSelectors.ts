import { type Json, type KubernetesObject, groupOf, isMap, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { isHelmRelease, valuesOf } from './facts/charts';
import { mayBeSetByOthers, nodeLabelsOf } from './facts/nodes';
import { describeSelector, keysOf, withoutPrefix } from './facts/labelSelectors';
import { podsOf, selects } from './facts/pods';
import { eachObject, findingAt, notCheckedAt } from './finding';

/** A selector of nodes, as a label selector. */
interface NodeSelector {
  path: ObjectPath;
  selector: Json;
  /** What happens if it selects no node. */
  otherwise: string;
}

/** Cilium's objects with a selector of nodes, and what each does without one. */
const ciliumSelectors: Readonly<Record<string, { paths: ObjectPath[]; otherwise: string }>> = {
  CiliumL2AnnouncementPolicy: { paths: [['nodeSelector']], otherwise: 'no node answers for the addresses' },
  CiliumBGPClusterConfig: { paths: [['nodeSelector']], otherwise: 'no node opens a BGP session' },
  CiliumBGPPeeringPolicy: { paths: [['nodeSelector']], otherwise: 'no node opens a BGP session' },
  CiliumClusterwideNetworkPolicy: { paths: [['nodeSelector']], otherwise: 'the policy applies to no node' },
  CiliumNodeConfig: { paths: [['nodeSelector']], otherwise: 'no agent reads it' },
  CiliumEgressGatewayPolicy: {
    paths: [['egressGateway', 'nodeSelector']],
    otherwise: 'no node is the gateway, and the traffic is dropped',
  },
};

/** The selector of a pod's `nodeSelector`, a plain map of labels. */
const labels = (map: Json): Json => ({ matchLabels: map });
const unscheduled = 'its pods stay pending';

function* selectorsOf(object: KubernetesObject): Generator<NodeSelector> {
  const cilium = groupOf(object) === 'cilium.io' ? ciliumSelectors[object.kind] : undefined;
  for (const path of cilium?.paths ?? []) {
    const selector = valueAt(specOf(object), ...path.map(String));
    if (isMap(selector)) yield { path: ['spec', ...path], selector, otherwise: cilium?.otherwise ?? '' };
  }
  const pods = podsOf(object);
  if (pods !== undefined) yield* podSelectors(pods.spec, pods.path);
  if (isHelmRelease(object)) yield* valueSelectors(valuesOf(object), ['spec', 'values']);
}

function* podSelectors(spec: Json, path: ObjectPath): Generator<NodeSelector> {
  const map = valueAt(spec, 'nodeSelector');
  if (isMap(map)) yield { path: [...path, 'nodeSelector'], selector: labels(map), otherwise: unscheduled };
}

/** What charts pass on to pods. */
function* valueSelectors(value: Json | undefined, path: ObjectPath): Generator<NodeSelector> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* valueSelectors(item, [...path, index]);
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const isSelector =
      key === 'nodeSelector' && isMap(item) && Object.values(item).every((one) => typeof one === 'string');
    if (isSelector) yield { path: [...path, key], selector: labels(item), otherwise: unscheduled };
    else yield* valueSelectors(item, [...path, key]);
  }
}

/** A selector of nodes that fits none of the cluster's. */
export const selectorFitsNoNode: Check = {
  id: 'selector-fits-no-node',
  severity: 'error',
  set: 'platform',
  why: 'Kubernetes and Cilium accept a selector that fits nothing: what it selects for never happens.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    const known = new Map<TreeCluster, Record<string, string>[] | undefined>();
    for (const [cluster, object] of eachObject(tree)) {
      for (const { path, selector: written, otherwise } of selectorsOf(object.object)) {
        yield { places: 1 };
        const selector = withoutPrefix(written);
        if (!known.has(cluster)) known.set(cluster, nodeLabelsOf(tree, cluster));
        const nodes = known.get(cluster);
        if (nodes?.some((node) => selects(selector, node)) === true) continue;
        const foreign = keysOf(selector).filter(mayBeSetByOthers);
        if (nodes === undefined || foreign.length > 0) {
          const reason = nodes === undefined ? 'the stack lists no nodes' : 'the label is not set by the program';
          yield notCheckedAt(cluster, object, path, reason, `whether a node has ${describeSelector(selector)}`);
          continue;
        }
        const what = `selects nodes with ${describeSelector(selector)}, which ${cluster.name} does not have: ${otherwise}`;
        const todo = `use labels that the nodes have: ${labelsOf(nodes).join(', ')}`;
        yield findingAt(tree, cluster, object, path, what, todo);
      }
    }
  },
};

function labelsOf(nodes: readonly Record<string, string>[]): string[] {
  const all = nodes.flatMap((node) =>
    Object.entries(node).map(([key, value]) => (value === '' ? key : `${key}=${value}`)),
  );
  return [...new Set(all)].sort();
}
