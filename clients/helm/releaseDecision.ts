/** A revision of a release in Helm's storage. */
export interface StoredRevision {
  /** Name of its Secret. */
  secret: string;
  version: number;
  /** Helm's status label. */
  status: string;
  /** Whether the Secret has an owner label of Flux. */
  fluxOwned: boolean;
}

/** State of a release in the cluster. */
export interface ReleaseState {
  revisions: StoredRevision[];
  /** Whether a HelmRelease for it exists. */
  helmRelease: boolean;
  /** Whether a helm-controller is running that would reconcile the HelmRelease. */
  helmControllerReady: boolean;
}

/** What to do about a release. */
export type ReleaseDecision =
  | { action: 'install'; clear: string[]; because: string }
  | { action: 'found' | 'owned-by-flux'; revision: number }
  | { action: 'refuse'; because: string };

/**
 * Decides by the state in the cluster. Absent: install. Only attempts that never succeeded: remove their records and
 * install. Deployed at any time: nothing to do. Owned by Flux: left alone in any state, unless the release is absent
 * and no helm-controller is running: then only we can install it (without Cilium, helm-controller does not run either).
 */
export function decideRelease({ revisions, helmRelease, helmControllerReady }: ReleaseState): ReleaseDecision {
  const newestFirst = [...revisions].sort((a, b) => b.version - a.version);
  const newest = newestFirst[0];
  const fluxOwned = revisions.some((revision) => revision.fluxOwned);

  if (!newest) {
    if (helmRelease && helmControllerReady) return { action: 'owned-by-flux', revision: 0 };
    return { action: 'install', clear: [], because: 'it is absent' };
  }
  if (helmRelease || fluxOwned) return { action: 'owned-by-flux', revision: newest.version };

  const deployed = newestFirst.find(({ status }) => status === 'deployed' || status === 'superseded');
  if (deployed) return { action: 'found', revision: deployed.version };

  const removed = newestFirst.find(({ status }) => status === 'uninstalled' || status === 'uninstalling');
  if (removed) return { action: 'refuse', because: `its revision ${removed.version} is marked ${removed.status}` };

  const unknown = newestFirst.find(({ status }) => status !== 'failed' && !status.startsWith('pending-'));
  if (unknown) return { action: 'refuse', because: `its revision ${unknown.version} has the status ${unknown.status}` };

  return {
    action: 'install',
    clear: newestFirst.map(({ secret }) => secret),
    because: `its only attempt was left ${newest.status}`,
  };
}
