import type { Node } from '../stackSchema';

/** A document of a machine's configuration, other than the v1alpha1 one. */
export const document = (kind: string, settings: object): object => ({ apiVersion: 'v1alpha1', kind, ...settings });

/** Settings of the hardware of links: one `EthernetConfig` per link. */
export function ethernetDocuments({ network }: Pick<Node, 'network'>): object[] {
  return Object.entries(network.ethernet).map(([name, options]) => document('EthernetConfig', { name, ...options }));
}

const volumeKinds = {
  volumes: 'VolumeConfig',
  userVolumes: 'UserVolumeConfig',
  rawVolumes: 'RawVolumeConfig',
  existingVolumes: 'ExistingVolumeConfig',
  swapVolumes: 'SwapVolumeConfig',
} as const;

/** The keys of a machine with volumes. */
export type VolumeKey = keyof typeof volumeKinds;

/** One document per volume of a machine. */
export function volumeDocuments(node: Pick<Node, VolumeKey>): object[] {
  return (Object.keys(volumeKinds) as VolumeKey[]).flatMap((key) =>
    Object.entries<object>(node[key]).map(([name, settings]) => document(volumeKinds[key], { name, ...settings })),
  );
}
