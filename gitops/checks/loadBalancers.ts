import {
  type AddressRange,
  contains,
  isIpAddress,
  networkOf,
  networksOf,
  overlaps,
  poolRange,
} from '../../net/addresses';
import { type Json, type JsonMap, describeObject, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { ciliumReleases, isHelmRelease, isOn, valuesOf } from './facts/charts';
import { inventoryOf } from './facts/existence';
import { selects } from './facts/pods';
import { settingOf } from './facts/settings';
import { findingAt, notCheckedAt, show } from './finding';

/** An address block of a load balancer pool. */
interface Block {
  pool: TreeObject;
  path: ObjectPath;
  range: AddressRange;
}

/** The blocks of the enabled pools of a cluster. */
function blocksOf(cluster: TreeCluster): Block[] {
  return cluster.objects.flatMap((pool) => {
    const { object } = pool;
    if (object.kind !== 'CiliumLoadBalancerIPPool' || groupOf(object) !== 'cilium.io') return [];
    const { blocks, disabled } = specOf(object);
    if (disabled === true || !Array.isArray(blocks)) return [];
    return blocks.flatMap((block, index) => {
      const text = (key: string): string => show(valueAt(block, key) ?? '');
      const range = networkOf(text('cidr')) ?? poolRange(text('start'), text('stop') || text('start'));
      return range === undefined ? [] : [{ pool, path: ['spec', 'blocks', index], range }];
    });
  });
}

/** Why no node answers ARP for load balancer addresses; undefined if one does. */
function whyNotAnnounced(cluster: TreeCluster): string | undefined {
  const [cilium] = ciliumReleases(cluster);
  const announces = cluster.objects.some(
    ({ object }) =>
      object.kind === 'CiliumL2AnnouncementPolicy' &&
      groupOf(object) === 'cilium.io' &&
      specOf(object)['loadBalancerIPs'] === true,
  );
  if (!announces) return 'there is no CiliumL2AnnouncementPolicy with loadBalancerIPs';
  // Without a release in Git the value is unknown.
  if (cilium === undefined || isOn(valueAt(cilium.values, 'l2announcements', 'enabled'))) return undefined;
  return 'Cilium has l2announcements disabled';
}

/** A pool in the node network whose addresses no node answers for. */
export const poolWithoutL2: Check = {
  id: 'pool-without-l2',
  severity: 'error',
  set: 'platform',
  why: 'Hosts in the node network resolve such an address by ARP, which BGP does not answer: the mesh cannot connect.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const subnets = networksOf(settingOf(cluster, 'NODE_CIDR') ?? '');
      const reason = whyNotAnnounced(cluster);
      if (reason === undefined) continue;
      for (const { pool, path, range } of blocksOf(cluster)) {
        const nodes = subnets.find((subnet) => overlaps(range, subnet));
        if (nodes === undefined) continue;
        const what = `${range.text} is inside the node network ${nodes.text}, but ${reason}`;
        const todo =
          'announce the addresses by L2 (a policy, and l2announcements in the values of Cilium), or move the pool';
        yield findingAt(tree, cluster, pool, path, what, todo);
      }
    }
  },
};

/** Pools of one or two clusters that share an address. */
export const poolsOverlap: Check = {
  id: 'pools-overlap',
  severity: 'error',
  set: 'platform',
  why: 'Two Services could get the same address, and traffic would go to one or the other at random.',
  *run(tree): Generator<RawFinding> {
    const previous: { cluster: TreeCluster; block: Block }[] = [];
    for (const cluster of tree.clusters) {
      for (const block of blocksOf(cluster)) {
        const other = previous.find((candidate) => overlaps(candidate.block.range, block.range));
        previous.push({ cluster, block });
        if (other === undefined) continue;
        const theirs = `${other.block.range.text} of ${other.block.pool.object.metadata.name} on ${other.cluster.name}`;
        const what = `${block.range.text} overlaps ${theirs}`;
        yield findingAt(tree, cluster, block.pool, block.path, what, 'give each pool its own addresses');
      }
    }
  },
};

/** An address that something asks for. */
interface Request {
  object: TreeObject;
  path: ObjectPath;
  address: string;
  /** The Service's labels as Cilium compares them with pools; absent if Git does not show them. */
  labels?: JsonMap;
  /** What Services need in common to share an address. */
  sharing: { key?: string; namespace: string; namespaces: string[]; policy: string };
  /** Ports and protocols; absent if Git does not show them. */
  ports?: string[];
}

const prefixed = (name: string): string[] => [`lbipam.cilium.io/${name}`, `io.cilium/lb-ipam-${name}`];

/** The value of an annotation of Cilium's address management, under its name or the old one. */
function annotation(annotations: Json | undefined, name: string): { key: string; value: string } | undefined {
  for (const key of prefixed(name)) {
    const value = valueAt(annotations, key);
    if (typeof value === 'string' && value !== '') return { key, value };
  }
  return undefined;
}

/** The addresses that annotations ask for. */
function annotated(annotations: Json | undefined, path: ObjectPath): { path: ObjectPath; address: string }[] {
  const ips = annotation(annotations, 'ips');
  const addresses = ips?.value.split(',').map((address) => address.trim()) ?? [];
  return addresses.map((address) => ({ path: [...path, ips?.key ?? ''], address }));
}

function sharingOf(annotations: Json | undefined, namespace: string, policy: Json | undefined): Request['sharing'] {
  return {
    key: annotation(annotations, 'sharing-key')?.value,
    namespace,
    namespaces: annotation(annotations, 'sharing-cross-namespace')?.value.split(',') ?? [],
    policy: typeof policy === 'string' ? policy : 'Cluster',
  };
}

/** The requests of a Service, after Cilium 1.18.3, operator/pkg/lbipam. */
function ofService(object: TreeObject): Request[] {
  const { metadata } = object.object;
  const spec = specOf(object.object);
  const loadBalancerClass = spec['loadBalancerClass'];
  if (spec['type'] !== 'LoadBalancer') return [];
  if (typeof loadBalancerClass === 'string' && !loadBalancerClass.startsWith('io.cilium/')) return [];
  const namespace = metadata.namespace ?? '';
  const own = spec['loadBalancerIP'];
  const asked = [
    ...(typeof own === 'string' && own !== '' ? [{ path: ['spec', 'loadBalancerIP'], address: own }] : []),
    ...annotated(metadata['annotations'], ['metadata', 'annotations']),
  ];
  const labels = isMap(metadata['labels']) ? metadata['labels'] : {};
  const names = { 'io.kubernetes.service.name': metadata.name, 'io.kubernetes.service.namespace': namespace };
  const ports = listOf(spec['ports']).map(
    (port) => `${show(valueAt(port, 'port'))} ${show(valueAt(port, 'protocol') ?? 'TCP')}`,
  );
  return asked.map((request) => ({
    object,
    ...request,
    labels: { ...labels, ...names },
    sharing: sharingOf(metadata['annotations'], namespace, spec['externalTrafficPolicy']),
    ports,
  }));
}

/** The requests of a Gateway, for the Service that its controller makes. Only Cilium's own controller uses its addresses. */
function ofGateway(tree: Tree, cluster: TreeCluster, object: TreeObject): Request[] {
  const spec = specOf(object.object);
  const name = spec['gatewayClassName'];
  const declared = inventoryOf(tree, cluster)
    .ofKind('gateway.networking.k8s.io/GatewayClass')
    .find((one) => one.object.metadata.name === name);
  const controller = declared === undefined ? undefined : specOf(declared.object)['controllerName'];
  const isCiliums = controller === undefined ? name === 'cilium' : controller === 'io.cilium/gateway-controller';
  const infrastructure = valueAt(spec, 'infrastructure', 'annotations');
  const addresses = listOf(spec['addresses']).flatMap((entry, index) => {
    const address = valueAt(entry, 'value');
    return typeof address === 'string' && isCiliums && isIpAddress(address)
      ? [{ path: ['spec', 'addresses', index, 'value'], address }]
      : [];
  });
  const sharing = sharingOf(infrastructure, object.object.metadata.namespace ?? '', undefined);
  return [...addresses, ...annotated(infrastructure, ['spec', 'infrastructure', 'annotations'])].map((request) => ({
    object,
    ...request,
    sharing,
  }));
}

/** The requests in annotations among the values of a release. */
function ofRelease(object: TreeObject): Request[] {
  const found: Request[] = [];
  const namespace = object.object.metadata.namespace ?? '';
  const visit = (value: Json | undefined, path: ObjectPath): void => {
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    if (!isMap(value)) return;
    const sharing = sharingOf(value, namespace, undefined);
    for (const request of annotated(value, path)) found.push({ object, ...request, sharing });
    for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(valuesOf(object.object), ['spec', 'values']);
  return found;
}

/** Every address that a cluster's Services, Gateways and releases ask for. Those with a variable are left out. */
function requestsOf(tree: Tree, cluster: TreeCluster): Request[] {
  return cluster.objects
    .flatMap((object) => {
      const { kind } = object.object;
      const group = groupOf(object.object);
      if (kind === 'Service' && group === '') return ofService(object);
      if (kind === 'Gateway' && group === 'gateway.networking.k8s.io') return ofGateway(tree, cluster, object);
      return isHelmRelease(object.object) ? ofRelease(object) : [];
    })
    .filter(({ address }) => !address.includes('${'));
}

/** Whether Cilium takes an address from a block. */
function gives({ pool, path, range }: Block, address: string): boolean {
  if (!contains(range, address)) return false;
  const { allowFirstLastIPs, blocks } = specOf(pool.object);
  const block = listOf(blocks)[Number(path.at(-1))];
  const reserved = allowFirstLastIPs === 'No' && valueAt(block, 'cidr') !== undefined && range.last - range.first > 1n;
  // Cilium reserves both in IPv6, too.
  return !reserved || contains({ ...range, first: range.first + 1n, last: range.last - 1n }, address);
}

/** An address that no pool of its cluster can give. */
export const addressOutsidePools: Check = {
  id: 'address-outside-pools',
  severity: 'error',
  set: 'general',
  why: 'Cilium gives no address then, and the Service is never reachable.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      const blocks = blocksOf(cluster);
      const pools = blocks.map(({ range }) => range.text).join(', ');
      const inventory = inventoryOf(tree, cluster);
      for (const request of requestsOf(tree, cluster)) {
        const { object, path, address, labels } = request;
        yield { places: 1 };
        const inside = blocks.filter((block) => gives(block, address));
        const selectors = inside.map(({ pool }) => specOf(pool.object)['serviceSelector']);
        if (selectors.some((selector) => selector === undefined || (labels !== undefined && selects(selector, labels))))
          continue;
        const unknown =
          blocks.length === 0
            ? 'Git does not hold the pools'
            : inside.length > 0 && labels === undefined
              ? 'Git does not hold the labels of the Service'
              : inventory.whyIncomplete;
        if (unknown !== undefined) {
          yield notCheckedAt(cluster, object, path, unknown, `whether a pool gives ${address}`);
          continue;
        }
        const what =
          inside.length === 0
            ? `asks for ${address}, which is in no pool: ${pools}`
            : `asks for ${address}, but its pool ${inside.map(({ pool }) => pool.object.metadata.name).join(', ')} does not select this Service`;
        const todo =
          inside.length === 0
            ? 'use an address of a pool, or extend a pool'
            : "add the labels of the pool's serviceSelector";
        yield findingAt(tree, cluster, object, path, what, todo);
      }
    }
  },
};

/** Why two requests cannot share their address; undefined if they can, or if Git does not show it. */
function whyNotShared(
  { sharing: one, ports }: Request,
  { sharing: other, ports: theirs }: Request,
): string | undefined {
  if (one.key === undefined || one.key !== other.key) return 'they have no sharing key in common';
  const permits = ({ namespaces }: Request['sharing'], namespace: string): boolean =>
    namespaces.includes('*') || namespaces.includes(namespace);
  if (one.namespace !== other.namespace && !(permits(one, other.namespace) && permits(other, one.namespace))) {
    return 'their namespaces do not permit each other';
  }
  if (ports === undefined || theirs === undefined) return undefined;
  if (one.policy !== other.policy) return 'their externalTrafficPolicy differs';
  const port = ports.find((candidate) => theirs.includes(candidate));
  return port === undefined ? undefined : `both have port ${port}`;
}

/** An address that two things of a cluster ask for. */
export const addressTakenTwice: Check = {
  id: 'address-taken-twice',
  severity: 'error',
  set: 'general',
  why: 'Cilium gives the address to one of them, and the other gets none.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      const previous: Request[] = [];
      for (const request of requestsOf(tree, cluster)) {
        yield { places: 1 };
        const others = previous.filter(({ address }) => address === request.address);
        previous.push(request);
        const other = others.find((candidate) => whyNotShared(request, candidate) !== undefined);
        if (other === undefined) continue;
        const what = `asks for ${request.address}, and so does ${describeObject(other.object.object)}; ${whyNotShared(request, other) ?? ''}`;
        const todo = 'use another address, or let both share it: lbipam.cilium.io/sharing-key';
        yield findingAt(tree, cluster, request.object, request.path, what, todo);
      }
    }
  },
};
