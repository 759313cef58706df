import { posix } from 'node:path';
import { clusterFolder, listClusters } from '../clusterSettings';
import { isFluxKustomization } from '../render/fluxKustomization';
import { buildFolder } from '../render/kustomization';
import { systemOf } from '../systems';
import type { TreeCluster } from '../tree';
import type { ListedCluster } from './fleet';

/** The clusters of a repository and what they list. Throws a ManifestError if an entry point cannot be built. */
export function readFleet(root: string): ListedCluster[] {
  return listClusters(root).map((name) => readListed(root, name));
}

/** What one cluster lists. Throws a ManifestError if its entry point cannot be built. */
export function readListed(root: string, name: string): ListedCluster {
  const listed = buildFolder(root, clusterFolder(name)).filter(({ object }) => isFluxKustomization(object));
  return { name, systems: systemsOf(listed.map(({ origins }) => origins[0].file)) };
}

/** The clusters of a rendered tree and what they list. */
export function fleetOf(clusters: readonly TreeCluster[]): ListedCluster[] {
  return clusters.map(({ name, kustomizations }) => ({
    name,
    systems: systemsOf(kustomizations.map(({ file }) => file)),
  }));
}

function systemsOf(files: readonly string[]): Set<string> {
  return new Set(
    files.flatMap((file) => {
      const system = systemOf(file);
      return system === undefined ? [] : [posix.basename(system)];
    }),
  );
}
