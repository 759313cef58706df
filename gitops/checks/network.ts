import { type Json, type JsonMap, groupOf, isMap, listOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { releases, valuesOf } from './facts/charts';
import { inventoryOf } from './facts/existence';
import { eachObject, findingAt } from './finding';

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
      const target = { kind: '/Service', namespace, name };
      const lacking = tree.clusters.filter((other) => inventoryOf(tree, other).find(target) === 'missing');
      if (lacking.length === 0) continue;
      const what = `is global, but ${lacking.map((other) => other.name).join(', ')} has no Service ${namespace}/${name}`;
      const path = ['metadata', 'annotations', 'service.cilium.io/global'];
      yield findingAt(tree, cluster, service, path, what, 'declare it there too, or remove the annotation');
    }
  },
};
