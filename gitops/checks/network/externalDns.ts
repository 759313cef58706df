import { type Json, type JsonMap, isMap, listOf } from '../../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';

/** An ExternalDNS. */
interface ExternalDns {
  cluster: TreeCluster;
  release: TreeObject;
  /** Where its records are kept. */
  server: string;
  /** Zones that it writes to; none: all that it finds. */
  zones: string[];
  /** Whose records it takes for its own. */
  owner?: string;
  /** Whether it marks its records at all. */
  marks: boolean;
}

const texts = (value: Json | undefined): string[] => listOf(value).filter((item) => typeof item === 'string');

/** What a flag says in the values' extra arguments, which are a list of flags or a map. */
export function flagsOf(values: JsonMap, name: string): string[] {
  const args = values['extraArgs'];
  if (isMap(args)) {
    const value = args[name];
    return Array.isArray(value) ? texts(value) : typeof value === 'string' ? [value] : [];
  }
  const start = `--${name}=`;
  return texts(args).flatMap((arg) => (arg.startsWith(start) ? [arg.slice(start.length)] : []));
}

function externalDnses(tree: Tree): ExternalDns[] {
  return tree.clusters.flatMap((cluster) =>
    [...releases(cluster)].flatMap(({ release, chart }) => {
      if (chart.name !== 'external-dns') return [];
      const values = valuesOf(release.object);
      const { provider, txtOwnerId, registry = 'txt' } = values;
      const name = isMap(provider) ? provider['name'] : provider;
      const host = flagsOf(values, 'rfc2136-host').sort().join();
      const owner = flagsOf(values, 'txt-owner-id').at(-1) ?? (typeof txtOwnerId === 'string' ? txtOwnerId : '');
      return [
        {
          cluster,
          release,
          server: `${typeof name === 'string' ? name : ''} ${host}`,
          zones: [...texts(values['domainFilters']), ...flagsOf(values, 'domain-filter')],
          ...(owner === '' ? {} : { owner }),
          marks: registry === 'txt',
        },
      ];
    }),
  );
}

/** A zone that two ExternalDNS share; nothing if they do not meet. */
function sharedZone(one: ExternalDns, other: ExternalDns): string | undefined {
  if (one.server !== other.server) return undefined;
  const [zone] = one.zones.length === 0 ? other.zones : one.zones;
  if (one.zones.length === 0 || other.zones.length === 0) return zone ?? 'every zone';
  const within = (name: string, outer: string): boolean => name === outer || name.endsWith(`.${outer}`);
  return one.zones.find((name) => other.zones.some((outer) => within(name, outer) || within(outer, name)));
}

/** Two ExternalDNS that take each other's records for their own. */
export const dnsOwnerTwice: Check = {
  id: 'dns-owner-twice',
  severity: 'error',
  set: 'platform',
  why: "Each deletes the other's records, which it takes for its own that are no longer wanted.",
  *run(tree): Generator<RawFinding> {
    const all = externalDnses(tree).filter(({ owner, marks }) => marks && owner !== undefined);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(0, index)) {
        const zone = one.owner === other.owner ? sharedZone(one, other) : undefined;
        if (zone === undefined) continue;
        const { name, namespace = '' } = other.release.object.metadata;
        const what = `owns records in ${zone} as ${one.owner ?? ''}, as ${namespace}/${name} on ${other.cluster.name} does`;
        const todo = 'give each its own txtOwnerId, with the name of the cluster in it';
        yield about(tree, one.cluster, one.release, ['spec', 'values', 'txtOwnerId'], what, todo);
        break;
      }
    }
  },
};

/** An ExternalDNS whose records nobody can tell from others'. */
export const dnsOwnerMissing: Check = {
  id: 'dns-owner-missing',
  severity: 'error',
  set: 'platform',
  why: 'It marks its records as everybody who said nothing does, and deletes those of others.',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, release, owner, marks } of externalDnses(tree)) {
      if (!marks || owner !== undefined) continue;
      const todo = 'set txtOwnerId, with the name of the cluster in it';
      yield about(tree, cluster, release, ['spec', 'values', 'txtOwnerId'], 'has no txtOwnerId', todo);
    }
  },
};
