import { type AddressRange, networkOf, overlaps, poolRange } from '../../net/addresses';
import { builtInGroups } from '../crdOwners';
import { type Json, type JsonMap, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import { type Tree, type TreeCluster, type TreeObject, isComplete } from '../tree';
import type { Check, RawFinding } from './check';
import { ciliumReleases, isOn, releases, valuesOf } from './facts/charts';
import { settingOf } from './facts/settings';
import { eachObject, findingAt, show } from './finding';

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
      const nodes = networkOf(settingOf(cluster, 'NODE_CIDR') ?? '');
      const reason = whyNotAnnounced(cluster);
      if (nodes === undefined || reason === undefined) continue;
      for (const { pool, path, range } of blocksOf(cluster)) {
        if (!overlaps(range, nodes)) continue;
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

/** An ExternalDNS release. */
interface ExternalDns {
  cluster: TreeCluster;
  release: TreeObject;
  /** The provider and server that store its records. */
  server: string;
  /** Zones that it manages; empty means every zone it finds. */
  zones: string[];
  /** The owner in its TXT records. */
  owner?: string;
  /** Whether it marks its records at all. */
  marksRecords: boolean;
}

const stringsIn = (value: Json | undefined): string[] => listOf(value).filter((item) => typeof item === 'string');

/** The values of a flag in the chart's `extraArgs`, which may be a list of flags or a map. */
export function flagValues(values: JsonMap, name: string): string[] {
  const args = values['extraArgs'];
  if (isMap(args)) {
    const value = args[name];
    return Array.isArray(value) ? stringsIn(value) : typeof value === 'string' ? [value] : [];
  }
  const start = `--${name}=`;
  return stringsIn(args).flatMap((arg) => (arg.startsWith(start) ? [arg.slice(start.length)] : []));
}

function externalDnsReleases(tree: Tree): ExternalDns[] {
  return tree.clusters.flatMap((cluster) =>
    [...releases(cluster)].flatMap(({ release, chart }) => {
      if (chart.name !== 'external-dns') return [];
      const values = valuesOf(release.object);
      const { provider, txtOwnerId, registry = 'txt' } = values;
      const name = isMap(provider) ? provider['name'] : provider;
      const host = flagValues(values, 'rfc2136-host').sort().join();
      const owner = flagValues(values, 'txt-owner-id').at(-1) ?? (typeof txtOwnerId === 'string' ? txtOwnerId : '');
      return [
        {
          cluster,
          release,
          server: `${typeof name === 'string' ? name : ''} ${host}`,
          zones: [...stringsIn(values['domainFilters']), ...flagValues(values, 'domain-filter')],
          ...(owner === '' ? {} : { owner }),
          marksRecords: registry === 'txt',
        },
      ];
    }),
  );
}

/** A zone that two ExternalDNS releases share; undefined if they share none. */
function sharedZone(one: ExternalDns, other: ExternalDns): string | undefined {
  if (one.server !== other.server) return undefined;
  const [zone] = one.zones.length === 0 ? other.zones : one.zones;
  if (one.zones.length === 0 || other.zones.length === 0) return zone ?? 'every zone';
  const within = (name: string, outer: string): boolean => name === outer || name.endsWith(`.${outer}`);
  return one.zones.find((name) => other.zones.some((outer) => within(name, outer) || within(outer, name)));
}

/** Two ExternalDNS releases that own each other's records. */
export const dnsOwnerTwice: Check = {
  id: 'dns-owner-twice',
  severity: 'error',
  set: 'platform',
  why: "Each deletes the other's records, because it mistakes them for its own obsolete ones.",
  *run(tree): Generator<RawFinding> {
    const all = externalDnsReleases(tree).filter(({ owner, marksRecords }) => marksRecords && owner !== undefined);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(0, index)) {
        const zone = one.owner === other.owner ? sharedZone(one, other) : undefined;
        if (zone === undefined) continue;
        const { name, namespace = '' } = other.release.object.metadata;
        const what = `owns records in ${zone} as ${one.owner ?? ''}, the same owner as ${namespace}/${name} on ${other.cluster.name}`;
        const todo = 'give each its own txtOwnerId that includes the name of the cluster';
        yield findingAt(tree, one.cluster, one.release, ['spec', 'values', 'txtOwnerId'], what, todo);
        break;
      }
    }
  },
};

/** An ExternalDNS release whose records cannot be told from those of others. */
export const dnsOwnerMissing: Check = {
  id: 'dns-owner-missing',
  severity: 'error',
  set: 'platform',
  why: 'It marks its records with the default owner, and deletes the records of every other installation that does.',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, release, owner, marksRecords } of externalDnsReleases(tree)) {
      if (!marksRecords || owner !== undefined) continue;
      const todo = 'set a txtOwnerId that includes the name of the cluster';
      yield findingAt(tree, cluster, release, ['spec', 'values', 'txtOwnerId'], 'has no txtOwnerId', todo);
    }
  },
};

const renamedAnnotations: Readonly<Record<string, string>> = {
  'io.cilium/global-service': 'service.cilium.io/global',
  'io.cilium/shared-service': 'service.cilium.io/shared',
  'io.cilium/service-affinity': 'service.cilium.io/affinity',
};

/** A Service with an outdated annotation for global services. */
export const serviceAnnotationOld: Check = {
  id: 'service-annotation-old',
  severity: 'warning',
  set: 'platform',
  why: 'Cilium supports these names only for backward compatibility.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, service] of eachObject(tree)) {
      const annotations = valueAt(service.object.metadata, 'annotations');
      if (service.object.kind !== 'Service' || !isMap(annotations)) continue;
      for (const [old, current] of Object.entries(renamedAnnotations)) {
        if (annotations[old] === undefined) continue;
        const path = ['metadata', 'annotations', old];
        yield findingAt(tree, cluster, service, path, `has the annotation ${old}`, `rename it to ${current}`);
      }
    }
  },
};

/** Whether something in a namespace may create Services that Git does not show: a chart or an operator. */
function mayCreateServices({ objects }: TreeCluster, namespace: string): boolean {
  return objects.some(({ object }) => {
    const group = groupOf(object);
    const builtIn = !group.includes('.') || builtInGroups.has(group);
    const policy = group === 'cilium.io' || group === 'external-secrets.io' || group === 'monitoring.coreos.com';
    return object.metadata.namespace === namespace && !builtIn && !policy && !group.startsWith('source.');
  });
}

/** A global Service that only one cluster has. */
export const globalServiceAlone: Check = {
  id: 'global-service-alone',
  severity: 'error',
  set: 'platform',
  why: 'Only clusters with a Service of the same name and namespace can reach its pods on other clusters.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, service] of eachObject(tree)) {
      const { object } = service;
      const { name, namespace = '' } = object.metadata;
      if (object.kind !== 'Service' || groupOf(object) !== '') continue;
      if (valueAt(object.metadata, 'annotations', 'service.cilium.io/global') !== 'true') continue;
      const lacking = tree.clusters.filter(
        (other) =>
          other !== cluster &&
          isComplete(other) &&
          !mayCreateServices(other, namespace) &&
          !other.objects.some(
            ({ object: candidate }) =>
              candidate.kind === 'Service' &&
              candidate.metadata.name === name &&
              candidate.metadata.namespace === namespace,
          ),
      );
      if (lacking.length === 0) continue;
      const what = `is global, but ${lacking.map((other) => other.name).join(', ')} has no Service ${namespace}/${name}`;
      const path = ['metadata', 'annotations', 'service.cilium.io/global'];
      yield findingAt(tree, cluster, service, path, what, 'declare it there too, or remove the annotation');
    }
  },
};
