import {
  ignoredPointers,
  manifestObjects,
  newestOf,
  releaseProblem,
  withoutPointers,
} from '../../../gitops/drift/releases';
import type { JsonMap, KubernetesObject } from '../../../gitops/kubernetesObject';

const revisions = (...statuses: string[]) => statuses.map((status, index) => ({ version: index + 1, status }));
const deployed = (version: number) => ({ version, status: 'deployed' });

test.each([
  ['as it should be', revisions('superseded', 'deployed'), deployed(2), true, undefined],
  ['never installed', [], deployed(1), true, 'gone'],
  ['its record is gone', revisions('deployed'), deployed(2), true, 'gone'],
  ['failed', revisions('deployed', 'failed'), deployed(1), true, 'failed'],
  ['interrupted', revisions('deployed', 'pending-upgrade'), deployed(1), true, 'pending'],
  ['installed by hand', revisions('superseded', 'deployed'), deployed(1), true, 'by-hand'],
  ['without a HelmRelease', revisions('deployed'), undefined, false, 'not-adopted'],
  ['not adopted yet', revisions('deployed'), undefined, true, 'not-adopted'],
])('a release: %s', (_, stored, history, hasHelmRelease, kind) => {
  expect(releaseProblem(stored, history, hasHelmRelease)?.kind).toBe(kind);
});

test('reads a manifest as Helm does', () => {
  const manifest = [
    '---\n# Source: a\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: null\ndata:\n  day: 2026-01-01\n  time: 12:30:45\n',
    '# only a comment\n',
    'kind: List\n',
  ].join('---\n');
  expect(manifestObjects(manifest)).toEqual([
    {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      data: { day: '2026-01-01', time: '12:30:45' },
    },
  ]);
  expect(() => manifestObjects('a: [')).toThrow('the stored manifest is not YAML');
});

test('the newest entry of a history, in any order', () => {
  const release = {
    status: {
      history: [
        { version: 2, status: 'superseded' },
        { version: 10, status: 'deployed' },
      ],
    },
  };
  expect(newestOf(release as unknown as KubernetesObject)).toEqual({ version: 10, status: 'deployed' });
  expect(newestOf({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } })).toBeUndefined();
});

test('what drift detection ignores', () => {
  const release = {
    spec: {
      driftDetection: {
        ignore: [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }, { paths: ['/metadata/labels/a~1b'] }],
      },
    },
  } as unknown as KubernetesObject;
  const object = (kind: string, metadata: JsonMap = {}): KubernetesObject => ({
    ...{ apiVersion: 'apps/v1', kind, spec: { replicas: 1, paused: true } },
    metadata: { name: 'x', labels: { 'a/b': 'c' }, ...metadata },
  });
  expect(ignoredPointers(release, object('Deployment'))).toEqual(['/spec/replicas', '/metadata/labels/a~1b']);
  expect(ignoredPointers(release, object('DaemonSet'))).toEqual(['/metadata/labels/a~1b']);
  const disabled = { annotations: { 'helm.toolkit.fluxcd.io/driftDetection': 'disabled' } };
  expect(ignoredPointers(release, object('DaemonSet', disabled))).toEqual(['']);
  expect(withoutPointers(object('Deployment'), ['/spec/replicas', '/metadata/labels/a~1b', '/none/here'])).toEqual({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: { paused: true }, metadata: { name: 'x', labels: {} } },
  });
});
