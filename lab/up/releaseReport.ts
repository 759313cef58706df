import { isReady, type Conditioned } from './conditions';
import type { StoredRelease } from '../../clients/helm/storedRelease';

/** A release in the lab's result. */
export interface ReleaseReport {
  name: string;
  namespace: string;
  chart: string;
  version: string;
  revision: number;
  /** Who created revision 1. */
  installedBy: 'pulumi' | 'flux';
  /** "flux" if a ready HelmRelease has the current revision in its history. */
  ownedBy: 'pulumi' | 'flux';
  /** False for a chart that the lab stands in for. */
  realChart: boolean;
}

/** The fields of a HelmRelease that determine ownership. */
export interface HelmReleaseObject extends Conditioned {
  metadata: { name: string; namespace: string };
  status?: Conditioned['status'] & { history?: { name: string; namespace: string; version: number }[] };
}

/**
 * Joins Helm's storage with Flux's HelmReleases: one report per release. helm-controller records every revision that it
 * creates in the HelmRelease's history, so a first revision that is in no history was created by Pulumi. Histories drop old
 * revisions; `pulumiInstalled` (namespace/name from Pulumi's state) covers those.
 */
export function reportReleases(
  stored: readonly StoredRelease[],
  objects: readonly HelmReleaseObject[],
  pulumiInstalled: ReadonlySet<string>,
): ReleaseReport[] {
  const latest = new Map<string, StoredRelease>();
  for (const release of stored) {
    const key = `${release.namespace}/${release.name}`;
    if ((latest.get(key)?.revision ?? 0) < release.revision) latest.set(key, release);
  }
  return [...latest].map(([key, release]) => {
    const owner = objects.find((object) =>
      object.status?.history?.some(
        (entry) =>
          entry.name === release.name && entry.namespace === release.namespace && entry.version === release.revision,
      ),
    );
    const first = stored.find((s) => s.namespace === release.namespace && s.name === release.name && s.revision === 1);
    const createdByFlux = objects.some((object) =>
      object.status?.history?.some(
        (e) => e.name === release.name && e.namespace === release.namespace && e.version === 1,
      ),
    );
    const byPulumi = pulumiInstalled.has(key) || /pulumi/i.test(first?.description ?? '') || !createdByFlux;
    return {
      name: release.name,
      namespace: release.namespace,
      chart: release.chart.name,
      version: release.chart.version,
      revision: release.revision,
      installedBy: byPulumi ? 'pulumi' : 'flux',
      ownedBy: owner !== undefined && isReady(owner) ? 'flux' : 'pulumi',
      realChart: !/lab stand-in/i.test(release.chart.description),
    };
  });
}
