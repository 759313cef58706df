import { readClusterSettings } from '../../../gitops/clusterSettings';
import { durationSeconds } from '../../../gitops/duration';
import { readGitSource } from '../../../gitops/gitSource';
import { readRelease } from '../../../gitops/helmRelease';
import { ManifestError } from '../../../gitops/manifestError';
import { renderCluster } from '../../../gitops/render/renderCluster';
import { validTree } from './fixtureTree';

describe('the valid tree', () => {
  const rendered = renderCluster(validTree, 'one', ['namespaces', 'app']);

  test('returns Kustomizations in source order, with the shared defaults', () => {
    const wiring = rendered.kustomizations.map(
      ({ name, namespace, path, sourceRef, dependsOn, wait, prune, line }) => ({
        ...{ name, namespace, path, source: sourceRef.name, dependsOn, wait, prune, line },
      }),
    );
    const shared = { namespace: 'flux-system', wait: true, prune: true };
    expect(wiring).toEqual([
      {
        ...shared,
        name: 'namespaces',
        path: 'kubernetes/infrastructure/namespaces',
        source: 'flux-system',
        dependsOn: [],
        line: 2,
      },
      { ...shared, name: 'foreign', path: 'config/crd', source: 'foreign', dependsOn: [], line: 10 },
      {
        ...{ ...shared, name: 'app', path: 'kubernetes/infrastructure/app', source: 'flux-system' },
        ...{ dependsOn: ['namespaces', 'foreign'], line: 23 },
      },
    ]);
  });

  test('returns the Kustomization and source location of each object', () => {
    const objects = rendered.objects.map(
      ({ kustomization, object, file, line }) =>
        `${kustomization}: ${object.kind} ${object.metadata.name} ${file}:${line}`,
    );
    expect(objects).toEqual([
      'flux-system: ConfigMap cluster-settings kubernetes/clusters/one/cluster-settings.yaml:2',
      'flux-system: Kustomization namespaces kubernetes/clusters/one/infrastructure.yaml:2',
      'flux-system: Kustomization foreign kubernetes/clusters/one/infrastructure.yaml:10',
      'flux-system: Kustomization app kubernetes/clusters/one/infrastructure.yaml:23',
      'flux-system: GitRepository foreign kubernetes/infrastructure/foreign/gitrepository.yaml:2',
      'namespaces: Namespace app kubernetes/infrastructure/namespaces/app.yaml:2',
      'app: HelmRelease app kubernetes/infrastructure/app/helmrelease.yaml:2',
      'app: OCIRepository app kubernetes/infrastructure/app/ocirepository.yaml:2',
    ]);
  });

  test('reads the release as helm-controller would install it', () => {
    expect(readRelease(rendered, 'app')).toEqual({
      name: 'app',
      releaseName: 'app',
      namespace: 'app',
      storageNamespace: 'app',
      chart: { url: 'oci://example.org/charts/app', version: '1.2.3' },
      values: { host: 'https://example.org', replicas: 2, enabled: true },
      timeoutSeconds: 900,
      wait: true,
      crds: { install: 'Create', upgrade: 'Skip' },
      kustomization: 'app',
    });
  });

  test('reads the external source', () => {
    expect(readGitSource(rendered, 'foreign')).toEqual({
      url: 'https://example.org/foreign',
      tag: 'v1.2.3',
      path: 'config/crd',
    });
  });

  test.each([readRelease, readGitSource])('%p rejects an unknown Kustomization', (read) => {
    expect(() => read(rendered, 'unknown')).toThrow(
      new ManifestError([
        'kubernetes/clusters/one/kustomization.yaml: lists no Kustomization unknown, which the program installs; add the system that has it, such as ../../systems/core',
      ]),
    );
  });
});

test('an unrequested Kustomization is listed, but its folder is not rendered', () => {
  const { kustomizations, objects } = renderCluster(validTree, 'one', ['namespaces']);
  expect(kustomizations.map(({ name }) => name)).toEqual(['namespaces', 'foreign', 'app']);
  expect(objects.filter(({ kustomization }) => kustomization === 'app')).toEqual([]);
});

test('an unknown cluster is an error that lists the existing ones', () => {
  expect(() => readClusterSettings(validTree, 'two')).toThrow(
    new ManifestError([
      'kubernetes/clusters/two: cluster does not exist; existing clusters: one. Create the folder or fix the stack name',
    ]),
  );
});

test('settings report their line numbers', () => {
  const settings = readClusterSettings(validTree, 'one');
  expect(settings.values).toEqual({ CLUSTER: 'one', REPLICAS: '2', HOST: 'example.org', EMPTY: '' });
  expect([settings.line('CLUSTER'), settings.line('EMPTY')]).toEqual([8, 11]);
});

test.each<[unknown, number | undefined]>([
  ['15m', 900],
  ['1h30m', 5400],
  ['1.5s', 1.5],
  ['250ms', 0.25],
  ['10', undefined],
  ['', undefined],
  ['-1m', undefined],
  [10, undefined],
])('durationSeconds(%j) is %j', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});
