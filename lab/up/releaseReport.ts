import { isReady, type Conditioned } from './conditions';
import type { StoredRelease } from './helmReleases';

/** One release, as the lab's result shows it. */
export interface ReleaseReport {
  name: string;
  namespace: string;
  chart: string;
  version: string;
  revision: number;
  /** Who made revision 1. */
  installedBy: 'pulumi' | 'flux';
  /** "flux" when a ready HelmRelease has the current revision in its history. */
  ownedBy: 'pulumi' | 'flux';
  /** False for a chart that the lab stands in for. */
  realChart: boolean;
}

/** A HelmRelease, as far as ownership needs it. */
export interface HelmReleaseObject extends Conditioned {
  metadata: { name: string; namespace: string };
  status?: Conditioned['status'] & { history?: { name: string; namespace: string; version: number }[] };
}

/**
 * Joins Helm's storage with Flux's HelmReleases: one line for each release. helm-controller writes every revision that
 * it makes into the HelmRelease's history, so a first revision that no history has was made by somebody else: Pulumi.
 * Old revisions drop out of a history; `pulumiInstalled` (namespace/name from Pulumi's state) covers those.
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
    const madeByFlux = objects.some((object) =>
      object.status?.history?.some(
        (e) => e.name === release.name && e.namespace === release.namespace && e.version === 1,
      ),
    );
    const byPulumi = pulumiInstalled.has(key) || /pulumi/i.test(first?.description ?? '') || !madeByFlux;
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
