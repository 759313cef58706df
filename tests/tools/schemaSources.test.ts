import { join } from 'node:path';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { chartSources, gatewayApi } from '../../lab/services/registry/chartSources';
import { kubernetesSchemas, schemaSources } from '../../tools/schemaSources';
import { sourceModules, tools } from '../../tools/manifest';

const root = join(__dirname, '..', '..');

/** Rows whose chart Git does not have yet: their schemas wait for it. A chart that comes leaves this list. */
const notYetInGit = ['cloudnative-pg', 'kyverno'];

const plain = (version: string): string => version.replace(/^v/, '');
const minor = (version: string): string => plain(version).split('.').slice(0, 2).join('.');

test('a group, a name and a chart stand in one row each', () => {
  const all = [
    schemaSources.flatMap(({ groups }) => groups),
    schemaSources.map(({ name }) => name),
    schemaSources.flatMap(({ chart = [] }) => chart),
  ];
  for (const names of all) expect(names).toEqual([...new Set(names)]);
});

test.each(schemaSources.map((row) => [row.name, row] as const))('%s: module and product fit', (_, row) => {
  const held = row.heldVersion ?? sourceModules[row.module]?.version;
  expect(held).toBeDefined();
  if (held === undefined) return;
  const same = minor(held) === minor(row.productVersion);
  // More than a patch apart needs a reason, and a reason without need is stale.
  expect([row.name, same ? 'no reason' : 'a reason']).toEqual([
    row.name,
    row.skew === undefined ? 'no reason' : 'a reason',
  ]);
});

test('the product of a row is what its chart installs', () => {
  const charts = schemaSources.flatMap(({ chart, productVersion }) =>
    chart === undefined ? [] : [[chart, productVersion]],
  );
  for (const [chart = '', version = ''] of charts) {
    const source = chartSources[chart];
    if (source === undefined) expect(notYetInGit).toContain(chart);
    else {
      expect(notYetInGit).not.toContain(chart);
      expect([chart, plain(source.appVersion)]).toEqual([chart, plain(version)]);
    }
  }
});

test('what has no chart has the version of its source or setting', () => {
  const version = (name: string): string => schemaSources.find((row) => row.name === name)?.productVersion ?? '';
  expect(version('gateway-api')).toBe(gatewayApi.tag);
  for (const cluster of listClusters(root)) {
    const { values } = readClusterSettings(root, cluster);
    expect([cluster, version('flux')]).toEqual([cluster, values['FLUX_VERSION']]);
    expect([cluster, sourceModules[kubernetesSchemas.module]?.version]).toEqual([
      cluster,
      values['KUBERNETES_VERSION'],
    ]);
  }
  expect(schemaSources.find(({ name }) => name === 'flux')?.paths).toEqual([`config/data/flux/v${version('flux')}`]);
});

test('the API server of the lab and its schemas are of one version', () => {
  expect(sourceModules[kubernetesSchemas.module]?.version).toBe(tools['kube-apiserver'].version);
});

test('every chart that Git has and that brings kinds has a row', () => {
  const withCrds = Object.entries(chartSources).filter(([, { crds }]) => crds !== undefined);
  for (const [chart] of withCrds) expect(schemaSources.map((row) => row.chart)).toContain(chart);
});
