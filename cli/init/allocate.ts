import type { SettingKey } from '../../cluster/settingTypes';
import { type AddressRange, addressText, cidrRange, covers, networksOf, overlaps } from '../../net/addresses';
import type { ClusterAnswers } from './answers';

/** What init chooses for a cluster, unless its file or the answers say otherwise. */
export interface Allocation {
  id: number;
  pods: string;
  services: string;
  nativeRouting: string;
}

/** Settings that a cluster has already, by name of the cluster. */
export type ExistingSettings = ReadonlyMap<string, Readonly<Partial<Record<SettingKey, string>>>>;

/** Private ranges of the size /15, of which the first half is for pods and the second for Services. */
function* candidates(): Generator<{ pods: string; services: string; within: string }> {
  for (let second = 240; second < 256; second += 2) {
    yield { pods: `10.${second}.0.0/16`, services: `10.${second + 1}.0.0/16`, within: '10.240.0.0/12' };
  }
  for (let second = 16; second < 32; second += 2) {
    yield { pods: `172.${second}.0.0/16`, services: `172.${second + 1}.0.0/16`, within: '172.16.0.0/12' };
  }
}

/**
 * Ids and ranges of all answered clusters, which overlap neither each other nor anything that the clusters of the repository
 * use. What a cluster has already, it keeps.
 * @param existing the settings of every cluster that stays in the repository
 */
export function allocate(clusters: readonly ClusterAnswers[], existing: ExistingSettings): Map<string, Allocation> {
  const own = clusters.map((cluster) => ({ cluster, known: knownOf(cluster, existing.get(cluster.name) ?? {}) }));
  const strangers = [...existing].filter(([name]) => !clusters.some((cluster) => cluster.name === name));
  const ids = new Set([
    ...own.map(({ known }) => known.id),
    ...strangers.map(([, settings]) => Number(settings.CLUSTER_ID)),
  ]);
  const taken = [
    ...own.flatMap(({ cluster, known }) => [cluster.network.nodes, known.pods ?? '', known.services ?? '']),
    ...own.flatMap(({ cluster: { loadBalancer } }) => [loadBalancer?.from, loadBalancer?.to].map((ip) => `${ip}/32`)),
    ...strangers.flatMap(([, { NODE_CIDR, POD_CIDR, SERVICE_CIDR }]) => [NODE_CIDR, POD_CIDR, SERVICE_CIDR]),
  ].flatMap((text) => networksOf(text ?? ''));
  const routed = strangers.flatMap(([, { POD_CIDR, SERVICE_CIDR }]) => [POD_CIDR ?? '', SERVICE_CIDR ?? '']);
  const allocated = own.map(({ cluster, known }) => {
    const free = known.pods !== undefined && known.services !== undefined ? undefined : freeRanges(taken);
    const pods = known.pods ?? free?.pods ?? '';
    const services = known.services ?? free?.services ?? '';
    taken.push(...networksOf(pods), ...networksOf(services));
    routed.push(pods, services, ...(free === undefined ? [] : [free.within]));
    const id = known.id ?? lowestFree(ids);
    ids.add(id);
    return { name: cluster.name, id, pods, services };
  });
  const ranges = routed.flatMap((text) => networksOf(text));
  return new Map(
    allocated.map(({ name, ...rest }) => {
      // A range that is wide enough stays, so that another cluster changes nothing here.
      const known = existing.get(name)?.NATIVE_ROUTING_CIDR ?? '';
      const wide = cidrRange(known);
      const isEnough = wide && ranges.every((range) => range.family !== wide.family || covers(wide, range));
      return [name, { ...rest, nativeRouting: isEnough ? known : coverOf(ranges) }];
    }),
  );
}

function knownOf({ network, settings }: ClusterAnswers, file: Readonly<Partial<Record<SettingKey, string>>>) {
  const id = settings?.CLUSTER_ID ?? file.CLUSTER_ID;
  return {
    id: id === undefined ? undefined : Number(id),
    pods: settings?.POD_CIDR ?? network.pods ?? file.POD_CIDR,
    services: settings?.SERVICE_CIDR ?? network.services ?? file.SERVICE_CIDR,
  };
}

function lowestFree(ids: ReadonlySet<number | undefined>): number {
  for (let id = 1; ; id++) if (!ids.has(id)) return id;
}

function freeRanges(taken: readonly AddressRange[]): { pods: string; services: string; within: string } {
  for (const candidate of candidates()) {
    const ranges = [candidate.pods, candidate.services].flatMap((text) => cidrRange(text) ?? []);
    if (!ranges.some((range) => taken.some((other) => overlaps(range, other)))) return candidate;
  }
  throw new Error('no private range is free for pods and Services; answer network.pods and network.services');
}

/** The smallest CIDR with all ranges of the first one's family. */
function coverOf(ranges: readonly AddressRange[]): string {
  const [one] = ranges;
  if (one === undefined) return '';
  const same = ranges.filter(({ family }) => family === one.family);
  const bits = one.family === 'IPv4' ? 32 : 128;
  const first = same.reduce((least, range) => (range.first < least ? range.first : least), one.first);
  const last = same.reduce((most, range) => (range.last > most ? range.last : most), one.last);
  let host = 0;
  while (first >> BigInt(host) !== last >> BigInt(host)) host++;
  return `${addressText((first >> BigInt(host)) << BigInt(host), one.family)}/${bits - host}`;
}
