import {
  type Json,
  type JsonMap,
  describeObject,
  groupOf,
  isMap,
  listOf,
  specOf,
  textOf,
  valueAt,
} from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { inventoryOf } from './facts/existence';
import { findingAt, notCheckedAt, show } from './finding';
import { selectsNamespaceByLabel } from './facts/namespaceLabels';

/** The API group of the Gateway API. */
export const gatewayApi = 'gateway.networking.k8s.io';

/** The kinds that a listener takes if it does not say so, by its protocol. */
const kindsOfProtocol: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

const routeKinds: ReadonlySet<string> = new Set(Object.values(kindsOfProtocol).flat());

/** A listener of a Gateway. */
interface Listener {
  name: string;
  port: Json | undefined;
  protocol: string;
  /** Empty if it takes every hostname. */
  hostname: string;
  value: JsonMap;
}

/** A reference of a route to a Gateway. */
export interface Parent {
  cluster: TreeCluster;
  route: TreeObject;
  path: ObjectPath;
  ref: JsonMap;
  /** Absent if Git does not hold it. */
  gateway?: Pick<TreeObject, 'object'>;
  /** The Gateway as shown in messages. */
  shown: string;
  /** The Gateway's listeners that the reference names, or all of them. */
  listeners: Listener[];
}

/** Whether an object is a route of the Gateway API. */
export function isRoute({ object }: TreeObject): boolean {
  return groupOf(object) === gatewayApi && routeKinds.has(object.kind);
}

function listenersOf({ object }: Pick<TreeObject, 'object'>): Listener[] {
  return listOf(specOf(object)['listeners']).flatMap((value) =>
    isMap(value)
      ? [
          {
            name: textOf(value['name']),
            port: value['port'],
            protocol: textOf(value['protocol']),
            hostname: textOf(value['hostname']).toLowerCase(),
            value,
          },
        ]
      : [],
  );
}

/** Every reference of the routes of a cluster to a Gateway. */
export function* parentsOf(tree: Tree, cluster: TreeCluster): Generator<Parent> {
  for (const route of cluster.objects.filter(isRoute)) {
    for (const [index, ref] of listOf(specOf(route.object)['parentRefs']).entries()) {
      if (
        !isMap(ref) ||
        textOf(ref['kind'], 'Gateway') !== 'Gateway' ||
        textOf(ref['group'], gatewayApi) !== gatewayApi
      )
        continue;
      const namespace = textOf(ref['namespace'], route.object.metadata.namespace);
      const target = { kind: `${gatewayApi}/Gateway`, namespace, name: textOf(ref['name']) };
      const found = inventoryOf(tree, cluster).find(target);
      const gateway = typeof found === 'object' && 'object' in found ? found.object : undefined;
      const all = gateway === undefined ? [] : listenersOf(gateway);
      const { sectionName, port } = ref;
      const listeners = all.filter(
        (listener) =>
          (sectionName === undefined || listener.name === sectionName) &&
          (port === undefined || listener.port === port),
      );
      const path = ['spec', 'parentRefs', index];
      // A missing Gateway is reported by reference-missing.
      if (found === 'missing') continue;
      yield { cluster, route, path, ref, gateway, shown: `Gateway ${namespace}/${target.name}`, listeners };
    }
  }
}

/** A rule about each reference of a route to a Gateway that Git holds. */
function parentRule(
  rule: Omit<Check, 'run'>,
  judge: (tree: Tree, parent: Parent & { gateway: Pick<TreeObject, 'object'> }) => Iterable<RawFinding | RawNotChecked>,
): Check {
  return {
    ...rule,
    *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
      for (const cluster of tree.clusters) {
        for (const parent of parentsOf(tree, cluster)) {
          yield { places: 1 };
          const { gateway } = parent;
          if (gateway !== undefined) yield* judge(tree, { ...parent, gateway });
          else
            yield notCheckedAt(
              cluster,
              parent.route,
              parent.path,
              'Git does not hold the Gateway',
              `how it attaches to ${parent.shown}`,
            );
        }
      }
    },
  };
}

/** A route that names a listener that its Gateway does not have. */
export const routeListenerMissing: Check = parentRule(
  {
    id: 'route-listener-missing',
    severity: 'error',
    set: 'general',
    why: 'The Gateway does not take such a route: its hostnames are not served.',
  },
  function* judge(tree, { cluster, route, path, ref, gateway, shown, listeners }) {
    // ListenerSets add listeners.
    if (listeners.length > 0 || specOf(gateway.object)['allowedListeners'] !== undefined) return;
    const field = ref['sectionName'] === undefined ? 'port' : 'sectionName';
    const wanted = ['sectionName', 'port'].flatMap((key) =>
      ref[key] === undefined ? [] : [`${key} ${show(ref[key])}`],
    );
    const known = listenersOf(gateway).map(({ name, port }) => `${name} (port ${show(port)})`);
    const what = `attaches to ${wanted.join(' and ') || 'any listener'} of ${shown}, which has ${known.join(', ') || 'no listener'}`;
    yield findingAt(tree, cluster, route, [...path, field], what, 'name one of these listeners');
  },
);

/** Whether a listener takes routes from a namespace; a text says why that is unknown. */
function takesNamespace(
  cluster: TreeCluster,
  gateway: Pick<TreeObject, 'object'>,
  listener: Listener,
  namespace: string,
): boolean | string {
  const namespaces = valueAt(listener.value, 'allowedRoutes', 'namespaces');
  const from = textOf(valueAt(namespaces, 'from'), 'Same');
  if (from === 'All') return true;
  if (from === 'None') return false;
  if (from !== 'Selector') return gateway.object.metadata.namespace === namespace;
  return selectsNamespaceByLabel(cluster, valueAt(namespaces, 'selector'), namespace);
}

function takesKind({ value, protocol }: Listener, kind: string): boolean {
  const kinds = listOf(valueAt(value, 'allowedRoutes', 'kinds'));
  if (kinds.length === 0) return kindsOfProtocol[protocol]?.includes(kind) ?? true;
  return kinds.some(
    (entry) => valueAt(entry, 'kind') === kind && textOf(valueAt(entry, 'group'), gatewayApi) === gatewayApi,
  );
}

/** A route that no listener of its Gateway takes, because of its namespace or kind. */
export const routeNotAllowed: Check = parentRule(
  {
    id: 'route-not-allowed',
    severity: 'error',
    set: 'general',
    why: 'The listener refuses the route: its hostnames are not served.',
  },
  function* judge(tree, { cluster, route, path, gateway, shown, listeners }) {
    if (listeners.length === 0) return;
    const { kind, metadata } = route.object;
    const namespace = metadata.namespace ?? '';
    const forKind = listeners.filter((listener) => takesKind(listener, kind));
    const names = listeners.map(({ name }) => name).join(', ');
    if (forKind.length === 0) {
      const what = `attaches to ${shown}, whose listener ${names} takes no ${kind}`;
      yield findingAt(tree, cluster, route, path, what, 'name a listener for this kind, or allow the kind there');
      return;
    }
    const answers = forKind.map((listener) => takesNamespace(cluster, gateway, listener, namespace));
    if (answers.includes(true)) return;
    const unknown = answers.find((answer) => typeof answer === 'string');
    if (typeof unknown === 'string') {
      yield notCheckedAt(cluster, route, path, unknown, `whether ${shown} takes routes from namespace ${namespace}`);
      return;
    }
    const what = `attaches to ${shown} from namespace ${namespace}, but its listener ${names} takes routes only ${forKind.map((listener) => allowed(gateway, listener)).join(', or ')}`;
    const todo = `change allowedRoutes of the listener or the labels of namespace ${namespace}, or attach to another Gateway`;
    yield findingAt(tree, cluster, route, path, what, todo);
  },
);

function allowed(gateway: Pick<TreeObject, 'object'>, { value }: Listener): string {
  const namespaces = valueAt(value, 'allowedRoutes', 'namespaces');
  const from = textOf(valueAt(namespaces, 'from'), 'Same');
  if (from === 'Selector') return `from namespaces with ${show(valueAt(namespaces, 'selector'))}`;
  return from === 'None' ? 'from none' : `from ${gateway.object.metadata.namespace ?? ''}`;
}

/**
 * Whether some name fits both: Gateway API lets a wildcard stand for one or more labels on the left.
 * https://gateway-api.sigs.k8s.io/reference/spec/#hostname
 */
export function hostnamesMeet(one: string, other: string): boolean {
  if (one === '' || other === '' || one === other) return true;
  const within = (name: string, wildcard: string): boolean =>
    wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1));
  return within(one, other) || within(other, one);
}

/** The hostnames of a route, in lower case; none stands for every one. */
export const hostnamesOf = ({ object }: TreeObject): string[] =>
  listOf(specOf(object)['hostnames']).flatMap((name) => (typeof name === 'string' ? [name.toLowerCase()] : []));

/** A hostname that no listener of a route's Gateways takes. */
export const routeHostname: Check = {
  id: 'route-hostname',
  severity: 'error',
  set: 'general',
  why: 'A Gateway answers only for hostnames that both the listener and the route have.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      const parents = [...parentsOf(tree, cluster)];
      for (const route of new Set(parents.map((parent) => parent.route))) {
        const own = parents.filter((parent) => parent.route === route);
        const hostnames = hostnamesOf(route);
        yield { places: hostnames.length };
        // A reference without a listener is reported by route-listener-missing.
        if (
          hostnames.length === 0 ||
          own.some(({ gateway, listeners }) => gateway !== undefined && listeners.length === 0)
        )
          continue;
        const listeners = own.flatMap((parent) => parent.listeners);
        for (const [index, hostname] of hostnames.entries()) {
          if (listeners.some((listener) => hostnamesMeet(hostname, listener.hostname))) continue;
          const path = ['spec', 'hostnames', index];
          if (own.some(({ gateway }) => gateway === undefined)) {
            yield notCheckedAt(cluster, route, path, 'Git does not hold the Gateway', `whether it takes ${hostname}`);
            continue;
          }
          const taken = [...new Set(listeners.map((listener) => listener.hostname))].join(', ');
          const what = `has the hostname ${hostname}, but ${[...new Set(own.map(({ shown }) => shown))].join(' and ')} takes only ${taken}`;
          yield findingAt(
            tree,
            cluster,
            route,
            path,
            what,
            'correct the hostname, or attach to a Gateway that takes it',
          );
        }
      }
    }
  },
};

/** A hostname that several Gateways of a cluster serve. */
export const hostnameOnTwoGateways: Check = {
  id: 'hostname-on-two-gateways',
  severity: 'error',
  set: 'platform',
  why: 'The name gets the address of one Gateway or the other, and what is meant for the LAN may be public.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      const first = new Map<string, Parent>();
      for (const parent of parentsOf(tree, cluster)) {
        for (const [index, hostname] of hostnamesOf(parent.route).entries()) {
          if (!parent.listeners.some((listener) => hostnamesMeet(hostname, listener.hostname))) continue;
          yield { places: 1 };
          const other = first.get(hostname);
          if (other === undefined) first.set(hostname, parent);
          if (other === undefined || other.gateway === parent.gateway) continue;
          const theirs = other.route === parent.route ? 'it' : describeObject(other.route.object);
          const what = `serves ${hostname} on ${parent.shown}, and ${theirs} serves it on ${other.shown}`;
          const path = ['spec', 'hostnames', index];
          yield findingAt(tree, cluster, parent.route, path, what, 'attach the hostname to one Gateway');
        }
      }
    }
  },
};
