import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Charts } from '../../cli/validate/charts/helm';
import { compareCharts } from '../../cli/validate/diff/charts';
import { diffTrees } from '../../gitops/diff/diffTrees';
import type { JsonMap, KubernetesObject } from '../../gitops/kubernetesObject';
import type { Tree } from '../../gitops/tree';
import { cluster, object, tree } from '../gitops/diff/trees';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-charts-'));
  for (const version of ['1.0.0', '2.0.0']) mkdirSync(join(folder, version, 'crds'), { recursive: true });
  writeFileSync(join(folder, '1.0.0', 'crds', 'all.yaml'), 'metadata: {name: a.example.org}\n');
  writeFileSync(
    join(folder, '2.0.0', 'crds', 'all.yaml'),
    'metadata: {name: a.example.org}\n---\nmetadata: {name: b.example.org}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const crd = (name: string, label: string): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${name}, labels: {v: ${label}}}\n`;
const texts: Record<string, string> = {
  '1.0.0': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: one}\n---\n${crd('a.example.org', 'one')}`,
  '2.0.0': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: two}\n---\n${crd('a.example.org', 'two')}---\n${crd('b.example.org', 'two')}---
apiVersion: batch/v1
kind: Job
metadata: {name: hook, annotations: {helm.sh/hook: pre-upgrade}}
`,
};
/** Charts whose folder is named after the version. */
const charts: Charts = {
  pull: async ({ version }) => {
    if (texts[version] === undefined) throw new Error('x\nno such host');
    return join(folder, version);
  },
  template: async (path) =>
    parseAllDocuments(texts[path.split('/').at(-1) ?? ''] ?? '').map((document) => document.toJS() as KubernetesObject),
};

function treeOf(version: string, spec: JsonMap = {}): Tree {
  const chartRef = { kind: 'OCIRepository', name: 'app' };
  const release = object('HelmRelease', 'app', {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    spec: { chartRef, ...spec },
  });
  const source = object('OCIRepository', 'app', {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    spec: { url: 'oci://example.org/charts/app', ref: { tag: version } },
  });
  return tree([cluster('one', [release, source])]);
}

async function changes(before: Tree, after: Tree): Promise<string[]> {
  const compared = await compareCharts(before, after, charts);
  const [diff] = diffTrees(compared.before, compared.after);
  return (diff?.objects ?? []).flatMap(({ change, object: name, release }) =>
    release === undefined ? [] : [`${change} ${name} of ${release}`],
  );
}

test('a new version shows what changes inside, without hooks; an upgrade leaves the CRDs of crds/ alone', async () => {
  expect(await changes(treeOf('1.0.0'), treeOf('2.0.0'))).toEqual(['changed ConfigMap app/a of app/app']);
});

test.each([
  ['Create', ['changed ConfigMap app/a of app/app', 'added CustomResourceDefinition b.example.org of app/app']],
  [
    'CreateReplace',
    [
      'changed ConfigMap app/a of app/app',
      'changed CustomResourceDefinition a.example.org of app/app',
      'added CustomResourceDefinition b.example.org of app/app',
    ],
  ],
])('upgrade.crds %s', async (policy, expected) => {
  const spec = { upgrade: { crds: policy } };
  expect(await changes(treeOf('1.0.0', spec), treeOf('2.0.0', spec))).toEqual(expected);
});

test('an older version never deletes CRDs of crds/', async () => {
  const spec = { upgrade: { crds: 'CreateReplace' } };
  expect(await changes(treeOf('2.0.0', spec), treeOf('1.0.0', spec))).toEqual([
    'changed ConfigMap app/a of app/app',
    'changed CustomResourceDefinition a.example.org of app/app',
  ]);
});

test('an install brings the CRDs, an uninstall leaves them', async () => {
  const none = tree([cluster('one', [])]);
  expect(await changes(none, treeOf('1.0.0'))).toEqual([
    'added ConfigMap app/a of app/app',
    'added CustomResourceDefinition a.example.org of app/app',
  ]);
  expect(await changes(treeOf('1.0.0'), none)).toEqual(['removed ConfigMap app/a of app/app']);
});

test('patches of post-renderers are applied; what else they do makes the changes unknown', async () => {
  const patched = (value: string): JsonMap => ({
    postRenderers: [
      {
        kustomize: {
          patches: [{ target: { kind: 'ConfigMap' }, patch: `[{op: add, path: /data/w, value: ${value}}]` }],
        },
      },
    ],
  });
  const compared = await compareCharts(treeOf('1.0.0', patched('x')), treeOf('1.0.0', patched('y')), charts);
  expect(
    diffTrees(compared.before, compared.after)[0]?.objects.find(({ release }) => release !== undefined)?.values,
  ).toEqual([{ path: 'data.w', before: 'x', after: 'y' }]);
  const other = { postRenderers: [{ kustomize: { images: [] } }] };
  expect((await compareCharts(treeOf('1.0.0', other), treeOf('2.0.0', other), charts)).unknown).toEqual([
    {
      cluster: 'one',
      release: 'HelmRelease app/app',
      reason: 'its post-renderer uses images, which is not rendered here; its changes are unknown',
    },
  ]);
});

test('a chart that cannot be fetched is named, and its objects are neither new nor gone', async () => {
  const compared = await compareCharts(treeOf('1.0.0'), treeOf('3.0.0'), charts);
  expect(compared.unknown).toEqual([
    {
      cluster: 'one',
      release: 'HelmRelease app/app',
      reason:
        'chart app 3.0.0: could not be had: oci://example.org/charts/app 3.0.0 cannot be pulled: no such host; its changes are unknown',
    },
  ]);
  expect(compared.compared).toBe(0);
  expect(await changes(treeOf('1.0.0'), treeOf('3.0.0'))).toEqual([]);
});

test('a release that does not change is not rendered', async () => {
  const failing: Charts = { ...charts, pull: async () => Promise.reject(new Error('pulled')) };
  expect((await compareCharts(treeOf('1.0.0'), treeOf('1.0.0'), failing)).unknown).toEqual([]);
});
