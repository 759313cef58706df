import { join } from 'node:path';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { chartSources, gatewayApi } from '../../lab/services/registry/chartSources';
import { kubernetesSchemas, schemaSources } from '../../tools/schemaSources';
import { sourceModules, tools } from '../../tools/manifest';

const root = join(__dirname, '..', '..');

/** Rows whose chart is not in Git yet. Remove a chart from this list once it is. */
const notYetInGit = ['kyverno'];

const plain = (version: string): string => version.replace(/^v/, '');
const minor = (version: string): string => plain(version).split('.').slice(0, 2).join('.');

test('groups, names and charts are unique across rows', () => {
  const all = [
    schemaSources.flatMap(({ groups }) => groups),
    schemaSources.map(({ name }) => name),
    schemaSources.flatMap(({ chart = [] }) => chart),
  ];
  for (const names of all) expect(names).toEqual([...new Set(names)]);
});

test.each(schemaSources.map((row) => [row.name, row] as const))(
  '%s: the module matches the product version',
  (_, row) => {
    const actual = row.sourceVersion ?? sourceModules[row.module]?.version;
    expect(actual).toBeDefined();
    if (actual === undefined) return;
    const same = minor(actual) === minor(row.productVersion);
    // A difference of more than a patch needs a reason; a reason without such a difference is stale.
    expect([row.name, same ? 'no reason' : 'a reason']).toEqual([
      row.name,
      row.skew === undefined ? 'no reason' : 'a reason',
    ]);
  },
);

test('the product version of a row is the one that its chart installs', () => {
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

test('a row without a chart has the version of its source or setting', () => {
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

test('the API server of the lab and its schemas have the same version', () => {
  expect(sourceModules[kubernetesSchemas.module]?.version).toBe(tools['kube-apiserver'].version);
});

test('every chart in Git that installs CRDs has a row', () => {
  const withCrds = Object.entries(chartSources).filter(([, { crds }]) => crds !== undefined);
  for (const [chart] of withCrds) expect(schemaSources.map((row) => row.chart)).toContain(chart);
});
