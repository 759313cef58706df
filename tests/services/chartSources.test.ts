import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { coreReleases, crdKustomizations } from '../../cluster/bootstrapOrder';
import { sourceModules } from '../../tools/manifest';
import { chartSources, gatewayApi } from '../../lab/services/registry/chartSources';
import { keycloakResources } from '../../lab/services/git/keycloakResources';
import { standInCharts } from '../../lab/services/registry/chartTree';

const kubernetes = path.join(__dirname, '..', '..', 'kubernetes');

interface Manifest {
  kind?: string;
  file: string;
  metadata: { name: string };
  spec: {
    url?: string;
    ref?: { tag?: string };
    values?: Record<string, unknown>;
    chartRef?: { name: string };
    chart?: { spec: { chart: string; version: string; sourceRef: { name: string } } };
  };
}

function manifests(): Manifest[] {
  const files = fs
    .readdirSync(kubernetes, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.yaml$/.test(file));
  return files.flatMap((file) =>
    parseAllDocuments(fs.readFileSync(path.join(kubernetes, file), 'utf8')).flatMap((document) => {
      const value = document.toJS() as Manifest | null;
      return value?.kind === undefined ? [] : [{ ...value, file }];
    }),
  );
}

/** Settings of each cluster. */
const settings: Record<string, string>[] = fs
  .readdirSync(path.join(kubernetes, 'clusters'))
  .map(
    (cluster) =>
      parse(fs.readFileSync(path.join(kubernetes, 'clusters', cluster, 'cluster-settings.yaml'), 'utf8')).data,
  );

const substitute = (text: string, values: Record<string, string>): string =>
  text.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

/** Options that no cluster lists: docs/charts-checked.md says what their values were checked against. */
const notInLab = [
  'infrastructure/security/onepassword-connect/',
  'infrastructure/observability/opentelemetry-collector/',
  'infrastructure/observability/victoria-traces/',
];
const inLab = manifests().filter(({ file }) => !notInLab.some((folder) => file.startsWith(folder)));
const repositories = inLab.filter(({ kind }) => kind === 'OCIRepository');
const releases = inLab.filter(({ kind }) => kind === 'HelmRelease');

describe('the charts of the lab and of kubernetes/', () => {
  test('kubernetes/ uses the charts of the core and of the CRDs', () => {
    const charts = crdKustomizations.filter(({ kind }) => kind === 'chart').map(({ name }) => name);
    const names = repositories.map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining([...coreReleases, ...charts]));
  });

  test.each(repositories.map((repository) => [repository.file, repository] as const))('%s', (_, { spec }) => {
    const known = Object.values(chartSources).map(({ ociPath, version }) => `oci://${ociPath} ${version}`);
    for (const values of settings) {
      expect(known).toContain(substitute(`${spec.url} ${spec.ref?.tag}`, values));
    }
  });

  const ofRepositories = releases.flatMap(({ file, spec }) =>
    spec.chart === undefined ? [] : [[file, spec.chart] as const],
  );
  test.each(ofRepositories)('%s, from a Helm repository', (_, { spec: { chart, version, sourceRef } }) => {
    const repository = inLab.find(
      ({ kind, metadata }) => kind === 'HelmRepository' && metadata.name === sourceRef.name,
    );
    const path = `${repository?.spec.url?.replace('https://', '')}/${chart}`;
    expect(chartSources[chart]).toMatchObject({ ociPath: path, version, helmRepository: true });
  });

  test('the Gateway API repository and tag are the ones in kubernetes/', () => {
    const found = manifests().filter(
      ({ kind, spec }) => kind === 'GitRepository' && /gateway-api/.test(spec.url ?? ''),
    );
    expect(found.map(({ spec }) => [spec.url?.replace(/\.git$/, ''), spec.ref?.tag])).toEqual([
      [`https://${gatewayApi.host}/${gatewayApi.repository}`, gatewayApi.tag],
    ]);
  });

  test("the tag of Keycloak's operator is the one in kubernetes/, and of the images of its stand-in", () => {
    const { repository, tag, folder } = keycloakResources;
    const found = manifests().filter(({ kind, metadata }) => kind === 'GitRepository' && metadata.name === 'keycloak');
    expect(found.map(({ spec }) => [spec.url, spec.ref?.tag])).toEqual([[`https://github.com/${repository}`, tag]]);
    const text = fs.readFileSync(path.join(folder, 'kubernetes', 'kubernetes.yml'), 'utf8');
    const images = [...text.matchAll(/quay\.io\/keycloak\/\S+:(\S+)/g)].map(([, version]) => version);
    expect(images).toEqual([tag, tag]);
  });

  test('every module is pinned', () => {
    const modules = Object.values(chartSources).flatMap(({ module }) => module ?? []);
    for (const module of [...modules, gatewayApi.module]) expect(Object.keys(sourceModules)).toContain(module);
    expect(sourceModules[gatewayApi.module]?.version).toBe(gatewayApi.tag);
  });

  // The lab would silently ignore a value that a stand-in chart does not support, although it has an effect in
  // production.
  const checked = releases.flatMap((release) => {
    const source = release.spec.chartRef?.name ?? release.metadata.name;
    const url = repositories.find(({ metadata }) => metadata.name === source)?.spec.url ?? '';
    const name = release.spec.chart?.spec.chart ?? path.posix.basename(url);
    const file = path.join(standInCharts, name, 'values.yaml');
    return fs.existsSync(file) ? [[name, release.spec.values ?? {}, file] as const] : [];
  });
  test.each(checked)('the stand-in for %s supports all values that are set', (_, values, file) => {
    expect(unknownKeys(values, parse(fs.readFileSync(file, 'utf8')), '')).toEqual([]);
  });
});

/** Paths of values that have no default. An empty map as default allows any keys. */
function unknownKeys(values: unknown, defaults: unknown, prefix: string): string[] {
  if (!isMap(values) || !isMap(defaults) || Object.keys(defaults).length === 0) return [];
  return Object.entries(values).flatMap(([key, value]) =>
    key in defaults ? unknownKeys(value, defaults[key], `${prefix}.${key}`) : [`${prefix}.${key}`],
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
