import {
  evaluateSync,
  evaluateTarget,
  storesOf,
  type SyncObject,
  wantedKeys,
} from '../../../../cli/drift/secrets/syncs';
import type { Json } from '../../../../gitops/kubernetesObject';

const now = new Date('2026-11-29T12:00:00Z');
const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' };

const object = (
  kind: SyncObject['kind'],
  status: SyncObject['status'],
  spec: Record<string, Json> = {},
  metadata: Partial<SyncObject['metadata']> = {},
): SyncObject => ({
  ...{ apiVersion: 'external-secrets.io/v1', kind, spec, status },
  metadata: { name: 'one', ...(!kind.startsWith('Cluster') && { namespace: 'web' }), ...metadata },
});
const externalSecret = (status: SyncObject['status'], spec?: Record<string, Json>): SyncObject =>
  object('ExternalSecret', status, spec);

describe('what external-secrets reports', () => {
  test('an object that is ready and synchronized in time reports nothing', () => {
    expect(
      evaluateSync(externalSecret({ conditions: [ready], refreshTime: '2026-11-29T11:01:00Z' }), now),
    ).toBeUndefined();
    expect(evaluateSync(object('ClusterSecretStore', { conditions: [ready] }), now)).toBeUndefined();
    // The controller may be a little late.
    expect(
      evaluateSync(externalSecret({ conditions: [ready], refreshTime: '2026-11-29T10:56:00Z' }), now),
    ).toBeUndefined();
  });

  test("one that is not ready is reported in the controller's words, and explains who waits for it", () => {
    const failed = {
      ...{ type: 'Ready', status: 'False', reason: 'SecretSyncedError' },
      message: 'could not get secret data from provider',
      lastTransitionTime: '2026-11-29T09:00:00Z',
    };
    const labels = {
      'kustomize.toolkit.fluxcd.io/name': 'shop',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    };
    const status = { conditions: [failed], refreshTime: '2026-11-29T08:00:00Z' };
    const ownerReferences = [{ kind: 'ClusterExternalSecret', name: 'all' }];
    const spec = { target: { name: 'two' } };
    expect(evaluateSync(object('ExternalSecret', status, spec, { labels, ownerReferences }), now)).toEqual({
      id: 'external-secret',
      layer: 'secrets',
      owner: 'external-secrets',
      object: 'ExternalSecret web/one',
      why: 'could not get secret data from provider; last synchronized at 2026-11-29T08:00:00Z',
      since: '2026-11-29T09:00:00Z',
      todo: 'correct what it says: kubectl -n web describe externalsecret one',
      explains: ['Kustomization flux-system/shop', 'ClusterExternalSecret all', 'Secret web/two'],
    });
  });

  test('of a chart, it explains the release', () => {
    const labels = { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'web' };
    const found = evaluateSync(object('PushSecret', { conditions: [] }, {}, { labels }), now);
    expect(found).toMatchObject({
      id: 'push-secret',
      object: 'PushSecret web/one',
      explains: ['HelmRelease web/shop'],
    });
  });

  test('no report at all is drift, too', () => {
    expect(evaluateSync(object('ClusterSecretStore', undefined), now)).toMatchObject({
      id: 'secret-store',
      object: 'ClusterSecretStore one',
      why: 'external-secrets has not reported on it',
      todo: 'correct what it says: kubectl describe clustersecretstore one',
    });
  });

  test('success without data is none: the Secret keeps what the vault no longer has', () => {
    const retained = { ...ready, message: 'secret retained due to DeletionPolicy=Retain' };
    expect(
      evaluateSync(externalSecret({ conditions: [retained], refreshTime: '2026-11-29T11:30:00Z' }), now),
    ).toMatchObject({
      why: 'the vault has none of what it reads (secret retained due to DeletionPolicy=Retain)',
      since: '2026-11-29T11:30:00Z',
    });
  });

  test.each([
    ['the default of an hour', {}, '2026-11-29T10:54:59Z', true],
    ['a longer interval', { refreshInterval: '2h' }, '2026-11-29T10:00:00Z', false],
    ['a shorter interval', { refreshInterval: '1m0s' }, '2026-11-29T11:50:00Z', true],
    ['no interval', { refreshInterval: '0s' }, '2020-01-01T00:00:00Z', false],
    ['once', { refreshPolicy: 'CreatedOnce' }, '2020-01-01T00:00:00Z', false],
    ['on change', { refreshPolicy: 'OnChange', refreshInterval: '1h' }, '2020-01-01T00:00:00Z', false],
    ['periodically', { refreshPolicy: 'Periodic', refreshInterval: '1h' }, '2020-01-01T00:00:00Z', true],
  ])('the interval: %s', (_, spec, refreshTime, isDrift) => {
    const found = evaluateSync(externalSecret({ conditions: [ready], refreshTime }, spec), now);
    expect(found?.since).toBe(isDrift ? refreshTime : undefined);
  });

  test('one that is being deleted is not told', () => {
    const leaving = object('ExternalSecret', undefined, {}, { deletionTimestamp: '2026-11-29T11:59:00Z' });
    expect(evaluateSync(leaving, now)).toBeUndefined();
  });
});

test('the stores of an object', () => {
  const spec = {
    secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
    data: [{ sourceRef: { storeRef: { name: 'own' } } }, { remoteRef: { key: 'a' } }],
    dataFrom: [{ sourceRef: { storeRef: { kind: 'ClusterSecretStore', name: 'vault' } } }],
  };
  expect(storesOf(externalSecret(undefined, spec))).toEqual(['ClusterSecretStore vault', 'SecretStore web/own']);
  const push = { secretStoreRefs: [{ kind: 'ClusterSecretStore', name: 'vault' }] };
  expect(storesOf(object('PushSecret', undefined, push))).toEqual(['ClusterSecretStore vault']);
  expect(storesOf(object('ClusterPushSecret', undefined, { pushSecretSpec: push }))).toEqual([
    'ClusterSecretStore vault',
  ]);
  const inner = { secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' } };
  expect(storesOf(object('ClusterExternalSecret', undefined, { externalSecretSpec: inner }))).toEqual([
    'ClusterSecretStore vault',
  ]);
});

describe('the Secret of an ExternalSecret', () => {
  const data = [{ secretKey: 'a' }, { secretKey: 'b' }];
  test.each([
    ['what it reads', { data }, ['a', 'b']],
    ['nothing known of whole items', { dataFrom: [{ extract: { key: 'x' } }] }, []],
    ['what its template writes', { data, target: { template: { data: { c: '' } } } }, ['c']],
    [
      'both, if they are merged',
      { data, target: { template: { mergePolicy: 'Merge', data: { c: '' } } } },
      ['a', 'b', 'c'],
    ],
    ['what it reads, if the template is about metadata', { data, target: { template: { metadata: {} } } }, ['a', 'b']],
    ['nothing known of a template elsewhere', { data, target: { template: { templateFrom: [{}] } } }, []],
    ['no Secret', { data, target: { creationPolicy: 'None' } }, undefined],
  ])('has %s', (_, spec, expected) => {
    expect(wantedKeys({ spec: spec })).toEqual(expected);
  });

  const one = externalSecret({ conditions: [ready] }, { data });
  const base = {
    ...{ id: 'target-secret', layer: 'secrets', owner: 'ExternalSecret web/one', object: 'Secret web/one' },
    todo: 'have it written again: kubectl -n web annotate externalsecret one force-sync="$(date +%s)" --overwrite',
  };
  test('with all keys and more reports nothing', () => {
    expect(evaluateTarget(one, ['a', 'b', 'z'])).toEqual([]);
  });
  test('that is missing, or lacks a key', () => {
    expect(evaluateTarget(one, undefined)).toEqual([
      { ...base, why: 'does not exist, although its ExternalSecret is ready' },
    ]);
    expect(evaluateTarget(one, ['b'])).toEqual([{ ...base, field: 'data.a', wanted: 'a value' }]);
  });
});
