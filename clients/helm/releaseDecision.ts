/** One revision of a release in Helm's storage. */
export interface StoredRevision {
  /** Name of the Secret that holds it. */
  secret: string;
  version: number;
  /** Helm's status label. */
  status: string;
  /** Whether the Secret bears an owner label of Flux. */
  fluxOwned: boolean;
}

/** What is known of a release before anything is done about it. */
export interface ReleaseState {
  revisions: StoredRevision[];
  /** Whether a HelmRelease for it exists. */
  helmRelease: boolean;
  /** Whether a helm-controller runs that would act on the HelmRelease. */
  helmControllerReady: boolean;
}

/** What to do about a release. */
export type ReleaseDecision =
  | { action: 'install'; clear: string[]; because: string }
  | { action: 'found' | 'owned-by-flux'; revision: number }
  | { action: 'refuse'; because: string };

/**
 * What is there decides. Absent: install. Only attempts that never succeeded: clear them and install. Deployed once:
 * done. Flux's: hands off, whatever its state, except that a release which is absent while no helm-controller runs can
 * come from nobody but us (Cilium lost means helm-controller lost).
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

  const good = newestFirst.find(({ status }) => status === 'deployed' || status === 'superseded');
  if (good) return { action: 'found', revision: good.version };

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
