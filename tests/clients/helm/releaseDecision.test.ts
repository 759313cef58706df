import { decideRelease, type ReleaseState, type StoredRevision } from '../../../clients/helm/releaseDecision';

const revision = (version: number, status: string, fluxOwned = false): StoredRevision => ({
  secret: `sh.helm.release.v1.cilium.v${version}`,
  version,
  status,
  fluxOwned,
});
const decide = (revisions: StoredRevision[], flux: Partial<ReleaseState> = {}) =>
  decideRelease({ revisions, helmRelease: false, helmControllerReady: false, ...flux });

describe('the decision about a release', () => {
  test('absent: install', () => {
    expect(decide([])).toEqual({ action: 'install', clear: [], because: 'it is absent' });
  });

  test.each(['pending-install', 'pending-upgrade', 'pending-rollback', 'failed'])(
    'only a %s attempt: remove its record and install',
    (status) => {
      expect(decide([revision(1, status)])).toEqual({
        action: 'install',
        clear: ['sh.helm.release.v1.cilium.v1'],
        because: `its only attempt was left ${status}`,
      });
    },
  );

  test('several attempts that never succeeded: remove all records, newest first, and install', () => {
    expect(decide([revision(1, 'failed'), revision(2, 'pending-upgrade')])).toMatchObject({
      action: 'install',
      clear: ['sh.helm.release.v1.cilium.v2', 'sh.helm.release.v1.cilium.v1'],
    });
  });

  test('deployed: nothing to do', () => {
    expect(decide([revision(3, 'deployed'), revision(2, 'superseded')])).toEqual({ action: 'found', revision: 3 });
  });

  test('a failed upgrade after a deployed revision: nothing to do, and no record is removed', () => {
    expect(decide([revision(1, 'deployed'), revision(2, 'failed')])).toEqual({ action: 'found', revision: 1 });
    expect(decide([revision(1, 'superseded'), revision(2, 'pending-upgrade')])).toEqual({
      action: 'found',
      revision: 1,
    });
  });

  test.each(['deployed', 'failed', 'pending-install', 'uninstalled'])(
    'a Flux label on a %s release: left alone',
    (status) => {
      expect(decide([revision(1, status, true)])).toEqual({ action: 'owned-by-flux', revision: 1 });
    },
  );

  test('a HelmRelease exists: left alone in any state', () => {
    expect(decide([revision(2, 'failed')], { helmRelease: true })).toEqual({ action: 'owned-by-flux', revision: 2 });
  });

  test('absent with a HelmRelease: Flux installs it if helm-controller is ready, otherwise we do', () => {
    expect(decide([], { helmRelease: true, helmControllerReady: true })).toEqual({
      action: 'owned-by-flux',
      revision: 0,
    });
    expect(decide([], { helmRelease: true })).toEqual({ action: 'install', clear: [], because: 'it is absent' });
  });

  test('uninstalled deliberately: refuse', () => {
    expect(decide([revision(1, 'uninstalling')])).toEqual({
      action: 'refuse',
      because: 'its revision 1 is marked uninstalling',
    });
  });

  test('an unknown status: refuse instead of deleting records', () => {
    expect(decide([revision(1, 'unknown')])).toEqual({
      action: 'refuse',
      because: 'its revision 1 has the status unknown',
    });
  });
});
