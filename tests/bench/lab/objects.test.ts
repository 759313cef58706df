import { finishedEvents, goSeconds, objectEvent, type WatchedObject } from '../../../bench/lab/objectEvents';
import { objectSpans } from '../../../bench/lab/objectSpans';
import type { ObjectEvent, ObjectState } from '../../../bench/lab/recording';

const created = '2026-01-01T00:00:00Z';
const zero = Date.parse(created);

const ready = (status: string, reason: string, message = 'm'): WatchedObject => ({
  metadata: { name: 'app', namespace: 'flux-system', creationTimestamp: created },
  status: {
    conditions: [
      { type: 'Healthy', status: 'False' },
      { type: 'Ready', status, reason, message },
    ],
  },
});

test.each<[string, WatchedObject, ObjectState]>([
  ['True', ready('True', 'ReconciliationSucceeded'), 'ready'],
  ['a dependency', ready('False', 'DependencyNotReady'), 'waiting'],
  ['Unknown', ready('Unknown', 'Progressing'), 'progressing'],
  ['another failure', ready('False', 'BuildFailed'), 'failed'],
  ['no condition', { metadata: { name: 'app' } }, 'created'],
])('the state of an object: %s', (_, object, state) => {
  expect(objectEvent('Kustomization', object, zero).state).toBe(state);
});

test("a revision in Helm's storage has its state in a label", () => {
  const revision = (status: string) => ({ metadata: { name: 'sh.helm.release.v1.a.v1', labels: { status } } });
  const states = ['pending-upgrade', 'deployed', 'superseded', 'failed', 'uninstalling'].map(
    (status) => objectEvent('HelmRevision', revision(status), zero).state,
  );
  expect(states).toEqual(['progressing', 'ready', 'ready', 'failed', 'created']);
});

test('an event has dependencies with their namespaces, who applied the object, and the message unless it is ready', () => {
  const object: WatchedObject = {
    ...ready('False', 'DependencyNotReady', 'x'.repeat(200)),
    spec: { dependsOn: [{ name: 'b' }, { name: 'c', namespace: 'other' }] },
  };
  object.metadata.labels = {
    'kustomize.toolkit.fluxcd.io/name': 'flux-system',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };
  expect(objectEvent('Kustomization', object, zero + 5)).toEqual({
    at: zero + 5,
    kind: 'Kustomization',
    id: 'flux-system/app',
    state: 'waiting',
    created: zero,
    dependsOn: ['flux-system/b', 'other/c'],
    appliedBy: 'flux-system/flux-system',
    message: 'x'.repeat(160),
  });
  expect(objectEvent('Kustomization', ready('True', 'ok'), zero)).toEqual({
    at: zero,
    kind: 'Kustomization',
    id: 'flux-system/app',
    state: 'ready',
    created: zero,
  });
});

test('of a finished Kustomization, its history tells the first success and when that attempt began', () => {
  const object = ready('True', 'ok');
  const entry = { lastReconciledStatus: 'ReconciliationSucceeded', lastReconciledDuration: '1m1.5s' };
  object.status = {
    ...object.status,
    history: [
      { ...entry, firstReconciled: '2026-01-01T00:05:00Z', totalReconciliations: 1 },
      { ...entry, firstReconciled: '2026-01-01T00:02:00Z', totalReconciliations: 1 },
      { ...entry, firstReconciled: '2026-01-01T00:01:00Z', lastReconciledStatus: 'HealthCheckFailed' },
    ],
  };
  const moments = () => finishedEvents('Kustomization', object).map(({ state, at }) => [state, (at - zero) / 1000]);
  expect(moments()).toEqual([
    ['created', 0],
    ['progressing', 58.5],
    ['ready', 120],
  ]);
  // The duration is that of the last of several.
  for (const one of object.status.history ?? []) one.totalReconciliations = 2;
  expect(moments()).toEqual([
    ['created', 0],
    ['ready', 120],
  ]);
});

test('without a history, the last transition of its condition counts', () => {
  const object = ready('True', 'ok');
  const [, condition] = object.status?.conditions ?? [];
  if (condition !== undefined) condition.lastTransitionTime = '2026-01-01T00:00:30Z';
  expect(finishedEvents('Node', object).map(({ state, at }) => [state, (at - zero) / 1000])).toEqual([
    ['created', 0],
    ['ready', 30],
  ]);
  object.status = { ...object.status, history: [{ lastDeployed: '2026-01-01T00:00:20Z' }] };
  expect(finishedEvents('HelmRelease', object).map(({ state, at }) => [state, (at - zero) / 1000])).toEqual([
    ['created', 0],
    ['progressing', 20],
    ['ready', 30],
  ]);
});

test.each([
  ['1h2m3.5s', 3723.5],
  ['250ms', 0.25],
  ['15µs', 0.000015],
  ['', undefined],
  ['soon', undefined],
])('%j is %s seconds', (text, seconds) => {
  if (seconds === undefined) expect(goSeconds(text)).toBeUndefined();
  else expect(goSeconds(text)).toBeCloseTo(seconds, 9);
});

const since = (at: number): number => at / 1000;
const event = (kind: string, id: string, at: number, state: ObjectState, rest: Partial<ObjectEvent> = {}) => ({
  ...{ kind, id, at, state, created: Math.floor(rest.created ?? at) },
  ...rest,
});

test('a Kustomization waits for its dependency, works, fails and is ready', () => {
  const message = "dependency 'flux-system/a' is not ready";
  const own = { created: 1000, dependsOn: ['flux-system/a'] };
  const events = [
    event('Kustomization', 'flux-system/b', 1500, 'created', own),
    event('Kustomization', 'flux-system/b', 2000, 'waiting', { ...own, message }),
    event('Kustomization', 'flux-system/b', 4000, 'waiting', { ...own, message }),
    event('Kustomization', 'flux-system/b', 6000, 'progressing', own),
    event('Kustomization', 'flux-system/b', 7000, 'failed', { ...own, message: 'broken' }),
    event('Kustomization', 'flux-system/b', 9000, 'ready', own),
    event('Kustomization', 'flux-system/b', 9500, 'progressing', own),
    event('CustomResourceDefinition', 'x', 1, 'created'),
  ];
  expect(objectSpans(events, since, 'release')).toEqual([
    {
      id: 'Kustomization flux-system/b',
      kind: 'kustomization',
      label: 'b',
      created: 1.5,
      start: 6,
      end: 9,
      dependsOn: ['Kustomization flux-system/a', 'release'],
      waits: [{ for: 'flux-system/a', from: 2, to: 6 }],
      failures: [{ at: 7, message: 'broken' }],
    },
  ]);
});

test('an object that existed before anyone watched has its creation from its timestamp', () => {
  const [span] = objectSpans([event('HelmRelease', 'x/y', 60_000, 'ready', { created: 5000 })], since, undefined);
  expect(span).toEqual({
    id: 'HelmRelease x/y',
    kind: 'helmrelease',
    label: 'x/y',
    created: 5,
    start: 60,
    end: 60,
    dependsOn: [],
  });
});

test('a HelmRelease is held by what held its Kustomization, which waits for its health', () => {
  const app = { dependsOn: ['flux-system/core'], appliedBy: 'flux-system/all' };
  const events = [
    event('Kustomization', 'flux-system/app', 1000, 'progressing', app),
    event('HelmRelease', 'x/app', 2000, 'progressing', { appliedBy: 'flux-system/app' }),
    event('HelmRelease', 'x/app', 5000, 'ready', { appliedBy: 'flux-system/app' }),
    event('Kustomization', 'flux-system/app', 6000, 'ready', app),
    event('HelmRevision', 'x/sh.helm.release.v1.app.v1', 3000, 'progressing'),
    event('HelmRelease', 'x/late', 7000, 'ready', { appliedBy: 'flux-system/app' }),
  ];
  expect(objectSpans(events, since, 'root').map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
    [
      'Kustomization flux-system/app',
      ['Kustomization flux-system/core', 'HelmRelease x/app', 'HelmRelease x/late', 'root'],
    ],
    ['HelmRelease x/app', ['Kustomization flux-system/core', 'root']],
    ['HelmRevision x/sh.helm.release.v1.app.v1', []],
    // Its Kustomization was ready before it appeared.
    ['HelmRelease x/late', ['Kustomization flux-system/app', 'root']],
  ]);
});
