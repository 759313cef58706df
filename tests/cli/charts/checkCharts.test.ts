import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCharts } from '../../../cli/validate/charts/checkCharts';
import type { Charts } from '../../../cli/validate/charts/helm';
import { programFacts } from '../../../cluster/programFacts';
import type { JsonMap } from '../../../gitops/kubernetesObject';
import type { TreeObject } from '../../../gitops/tree';
import { cluster, object, tree } from '../../gitops/diff/trees';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-charts-'));
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), 'name: app\n');
  writeFileSync(join(folder, 'values.yaml'), 'replicas: 1\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = 'app/release.yaml';
const text = `kind: HelmRelease
apiVersion: helm.toolkit.fluxcd.io/v2
metadata: {name: app, namespace: app}
spec:
  values:
    replicas: 2
    replicaCuont: 3
`;

function release(spec: JsonMap = {}): TreeObject {
  const values = { replicas: 2, replicaCuont: 3 };
  const chartRef = { kind: 'OCIRepository', name: 'app' };
  return object(
    'HelmRelease',
    'app',
    { apiVersion: 'helm.toolkit.fluxcd.io/v2', spec: { chartRef, values, ...spec } },
    { file },
  );
}

const source = object('OCIRepository', 'app', {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  spec: { url: 'oci://example.org/charts/app', ref: { tag: '1.2.3' } },
});
const treeOf = (...objects: TreeObject[]) =>
  tree(
    ['one', 'two'].map((name) => cluster(name, objects)),
    { [file]: text },
  );
const deployment = object('Deployment', 'web', { apiVersion: 'apps/v1' }).object;
const charts: Charts = { pull: async () => folder, template: async () => [deployment] };
const validateObjects = async (objects: readonly unknown[]) => ({
  problems: [],
  coverage: { checked: objects.length, total: objects.length },
});

test('reports a value that nothing reads once for both clusters, at its line', async () => {
  const progress: string[] = [];
  const onProgress = (line: string): void => void progress.push(line);
  const result = await checkCharts(treeOf(release(), source), { charts, validateObjects, onProgress });
  expect(result.notChecked).toEqual([]);
  expect(result.findings).toMatchObject([
    { id: 'chart-unknown-value', file, line: 7, object: 'HelmRelease app/app', clusters: ['one', 'two'] },
  ]);
  expect(result.findings[0]?.what).toMatch(/^chart app 1\.2\.3 reads no value replicaCuont; did you mean replicas\?$/);
  expect(progress).toEqual(['charts: 2 of 2 releases rendered to 2 objects, 2 of 2 checked by schema']);
});

test('validates what the chart renders against its schemas', async () => {
  const failing = async () => ({
    problems: [{ id: 'schema-unknown-field', object: 0, what: 'spec.x is not known' }],
    coverage: { checked: 2, total: 2 },
  });
  const options = { charts, validateObjects: failing };
  const { findings } = await checkCharts(treeOf(release({ values: {} }), source), options);
  expect(findings).toMatchObject([
    {
      id: 'chart-schema-unknown-field',
      what: 'its chart renders Deployment app/web: spec.x is not known',
      clusters: ['one'],
    },
  ]);
});

test('reports a chart that rejects values, and one that does not render', async () => {
  const failing = (message: string): Charts => ({ ...charts, template: () => Promise.reject(new Error(message)) });
  const bySchema = "values don't meet the specifications of the schema(s)\napp:\n- at '/replicas': got string";
  const first = await checkCharts(treeOf(release(), source), { charts: failing(bySchema), validateObjects });
  expect(first.findings.map(({ id, line }) => [id, line])).toEqual([
    ['chart-unknown-value', 7],
    ['chart-values-invalid', 6],
  ]);
  const options = { charts: failing('no'), validateObjects };
  const second = await checkCharts(treeOf(release({ values: {} }), source), options);
  expect(second.findings).toMatchObject([{ id: 'chart-not-rendered', what: 'chart app 1.2.3: no' }]);
});

test('a chart that refuses the placeholder of an encrypted value is not checked', async () => {
  const refusing: Charts = {
    ...charts,
    template: () => Promise.reject(new Error('replicas: sops-encrypted is not a number')),
  };
  const options = { charts: refusing, validateObjects };
  const { findings, notChecked } = await checkCharts(
    treeOf(release({ values: { replicas: 'sops-encrypted' } }), source),
    options,
  );
  expect(findings).toEqual([]);
  expect(notChecked.map(({ what }) => what)).toEqual([
    'some of its values are encrypted, or come from an external secret',
  ]);
});

describe('chart-crd-not-kept', () => {
  const crd = (name: string, annotations: JsonMap = {}) =>
    object('CustomResourceDefinition', name, {
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: { name, annotations },
    }).object;
  const crds = [
    crd('kept.example.org', { 'helm.sh/resource-policy': 'keep' }),
    crd('folder.example.org'),
    crd('deleted.example.org'),
    crd('also.example.com'),
  ];
  const found = async (spec: JsonMap): Promise<string[]> => {
    const ours = { ...treeOf(release({ values: {}, ...spec }), source), program: programFacts };
    const { findings } = await checkCharts(ours, {
      charts: { ...charts, template: async () => crds },
      validateObjects,
    });
    return findings.filter(({ id }) => id === 'chart-crd-not-kept').map(({ what }) => what);
  };
  const keeping = (name?: string): JsonMap => {
    const patch = 'kind: CustomResourceDefinition\nmetadata: {name: x, annotations: {helm.sh/resource-policy: keep}}\n';
    const target = { kind: 'CustomResourceDefinition', ...(name === undefined ? {} : { name }) };
    return { postRenderers: [{ kustomize: { patches: [{ target, patch }] } }] };
  };
  beforeAll(() => {
    mkdirSync(join(folder, 'crds'));
    writeFileSync(join(folder, 'crds', 'crd.yaml'), 'metadata: {name: folder.example.org}\n');
  });

  test('reports what an uninstall deletes: not what is annotated, nor the folder crds/', async () => {
    expect(await found({})).toEqual(['an uninstall deletes also.example.com, deleted.example.org']);
  });

  test('a post-renderer keeps the CRDs that it targets', async () => {
    expect(await found(keeping('.*\\.example\\.org'))).toEqual(['an uninstall deletes also.example.com']);
    expect(await found(keeping())).toEqual([]);
  });
});

test('what a post-renderer patches is checked as patched; other transformers are not imitated', async () => {
  const patch = '[{op: add, path: /data/w, value: x}]';
  const patches = [{ target: { kind: 'ConfigMap' }, patch }];
  const postRenderers = [{ kustomize: { patches } }];
  const validate = jest.fn(validateObjects);
  const template: Charts['template'] = async () => [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {} },
  ];
  const { notChecked } = await checkCharts(treeOf(release({ values: {}, postRenderers }), source), {
    charts: { ...charts, template },
    validateObjects: validate,
  });
  expect(notChecked).toEqual([]);
  expect(JSON.stringify(validate.mock.calls)).toContain('"data":{"w":"x"}');
  for (const kustomize of [{ patches, images: [] }, { patches: [...patches, { patch: '' }] }]) {
    const changed = release({ values: {}, postRenderers: [...postRenderers, { kustomize }] });
    expect((await checkCharts(treeOf(changed, source), { charts, validateObjects })).notChecked).toHaveLength(1);
  }
});

test('pulls a chart of a Helm repository by its name there', async () => {
  const spec = { chart: 'app', version: '1.2.3', sourceRef: { kind: 'HelmRepository', name: 'app' } };
  const repository = (url: string) =>
    object('HelmRepository', 'app', { apiVersion: 'source.toolkit.fluxcd.io/v1', spec: { url } });
  const pull = jest.fn<ReturnType<Charts['pull']>, Parameters<Charts['pull']>>((address) => charts.pull(address));
  const check = (url: string) =>
    checkCharts(treeOf(release({ values: {}, chartRef: undefined, chart: { spec } }), repository(url)), {
      charts: { ...charts, pull },
      validateObjects,
    });
  expect((await check('https://charts.example.org')).notChecked).toEqual([]);
  expect(pull).toHaveBeenCalledWith({ url: 'https://charts.example.org', name: 'app', version: '1.2.3' });
  expect((await check('http://charts.example.org')).notChecked).toHaveLength(1);
});

test.each<[string, TreeObject[], Charts, RegExp]>([
  [
    'the registry is unreachable',
    [release(), source],
    { ...charts, pull: () => Promise.reject(new Error('Error: dial\nno such host')) },
    /oci:\/\/example\.org\/charts\/app 1\.2\.3 cannot be pulled: no such host$/,
  ],
  ['the source is not in Git', [release()], charts, /its OCIRepository app\/app is not in Git/],
  [
    'values come from a Secret',
    [release({ valuesFrom: [{ kind: 'Secret', name: 'login' }] }), source],
    charts,
    /it reads values from Secret login/,
  ],
  [
    'a post-renderer changes it',
    [release({ values: {}, postRenderers: [{ kustomize: { images: [] } }] }), source],
    charts,
    /its post-renderer uses images, which is not rendered here/,
  ],
])('lists a release as not checked if %s', async (_, objects, given, reason) => {
  const validate = jest.fn(validateObjects);
  const options = { charts: given, validateObjects: validate };
  const { findings, notChecked } = await checkCharts(treeOf(...objects), options);
  expect(findings).toEqual([]);
  expect(notChecked).toMatchObject([
    { rule: 'charts', object: 'HelmRelease app/app', file, line: 1, what: expect.stringMatching(reason) },
  ]);
  expect(validate).toHaveBeenCalledWith([]);
});

test('renders again with the CRDs of other charts', async () => {
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'x' },
    spec: { group: 'g.org', names: { kind: 'Thing' }, versions: [{ name: 'v1' }, { name: 'v0', served: false }] },
  };
  const passed: (readonly string[])[] = [];
  const recording: Charts = {
    ...charts,
    template: async (_folder, _release, apiVersions) => {
      passed.push(apiVersions);
      return [crd];
    },
  };
  await checkCharts(tree([cluster('one', [release(), source])]), { charts: recording, validateObjects });
  expect(passed[0]).not.toContain('g.org/v1');
  expect(passed[1]).toEqual(expect.arrayContaining(['g.org/v1', 'g.org/v1/Thing', 'helm.toolkit.fluxcd.io/v2']));
  expect(passed[1]).not.toContain('g.org/v0');
});
