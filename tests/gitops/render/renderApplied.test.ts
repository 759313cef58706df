import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import { renderApplied } from '../../../gitops/render/renderApplied';

const folder = (files: Record<string, string>): string => {
  const root = mkdtempSync(join(tmpdir(), 'render-applied-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
};
const listing = (text: string, kind = 'Kustomization', version = 'v1beta1'): string =>
  `apiVersion: kustomize.config.k8s.io/${version}\nkind: ${kind}\n${text}`;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  text: ${TEXT}\n';
const deployment = [
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:',
  '      containers:\n        - name: web\n          envFrom:\n            - configMapRef:\n                name: settings',
  '      volumes:\n        - name: other\n          configMap:\n            name: other\n',
].join('\n');
const kustomization = (spec: KubernetesObject['spec']): KubernetesObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'web', namespace: 'flux-system' },
  spec,
});
const render = (
  files: Record<string, string>,
  spec: KubernetesObject['spec'] = { path: './app' },
  variables: Record<string, string> = {},
): KubernetesObject[] => {
  const root = folder(files);
  try {
    return renderApplied(root, kustomization(spec), variables).map(({ object }) => object);
  } finally {
    rmSync(root, { recursive: true });
  }
};
const app = { 'app/kustomization.yaml': listing('resources: [web.yaml]'), 'app/web.yaml': configMap };

test('substitutes, and adds the common metadata', () => {
  const spec = { path: './app/', commonMetadata: { labels: { team: 'a' }, annotations: { note: 'b' } } };
  expect(render(app, spec, { TEXT: 'found' })).toEqual([
    {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { text: 'found' } },
      metadata: { name: 'web', labels: { team: 'a' }, annotations: { note: 'b' } },
    },
  ]);
});

test('a kustomization file of others may leave out its kind', () => {
  expect(render({ ...app, 'app/kustomization.yaml': 'resources: [web.yaml]\n' })).toHaveLength(1);
});

test('substitutes nothing without variables', () => {
  expect(render(app).map(({ data }) => data)).toEqual([{ text: '${TEXT}' }]);
});

test('a variable that is not set is refused', () => {
  expect(() => render(app, { path: './app' }, { OTHER: 'x' })).toThrow(
    'app/web.yaml:1: ConfigMap web: ${TEXT} is not set',
  );
});

test('names every feature that is not built', () => {
  const spec = { path: './none', targetNamespace: 'web', images: [], components: ['x'] };
  expect(() => render(app, spec)).toThrow(
    [
      'Kustomization flux-system/web: cannot render spec.components; build it with flux build kustomization',
      'Kustomization flux-system/web: cannot render spec.images; build it with flux build kustomization',
      'Kustomization flux-system/web: cannot render spec.targetNamespace; build it with flux build kustomization',
      'Kustomization flux-system/web: spec.path none does not exist in its source; correct it',
    ].join('\n'),
  );
});

// The hash is that of `kustomize build` (5.8.1).
test('a generated ConfigMap is named by its content, and so are references to it', () => {
  const generator = 'resources: [web.yaml]\nconfigMapGenerator:\n  - name: settings\n    files: [a.txt]\n';
  const [workload, generated] = render({
    'app/kustomization.yaml': listing(generator),
    'app/web.yaml': deployment,
    'app/a.txt': 'one <two> & three\n',
  });
  expect(generated).toEqual({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings-59mg74mb66' } },
    data: { 'a.txt': 'one <two> & three\n' },
  });
  expect(workload?.['spec']).toMatchObject({
    template: {
      spec: {
        containers: [{ envFrom: [{ configMapRef: { name: 'settings-59mg74mb66' } }] }],
        volumes: [{ configMap: { name: 'other' } }],
      },
    },
  });
});

test('the name of a generated ConfigMap stays where a generator asks for that', () => {
  const options = '    options:\n      disableNameSuffixHash: true\n';
  const generator = `configMapGenerator:\n  - name: settings\n    files: [a.txt]\n${options}resources: [web.yaml]\n`;
  const names = render({ 'app/kustomization.yaml': listing(generator), 'app/web.yaml': configMap, 'app/a.txt': 'x' });
  expect(names.map(({ metadata }) => metadata.name)).toEqual(['web', 'settings']);
});

test('a generated ConfigMap that a Role names is refused', () => {
  const role =
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: web\nrules:\n  - resourceNames: [settings]\n';
  const generator = 'resources: [web.yaml]\nconfigMapGenerator:\n  - name: settings\n    files: [a.txt]\n';
  const files = { 'app/kustomization.yaml': listing(generator), 'app/web.yaml': role, 'app/a.txt': 'x' };
  expect(() => render(files)).toThrow(
    'app/kustomization.yaml:5: a generated ConfigMap that Role web names is not supported; set disableNameSuffixHash',
  );
});

test('a folder without resources says where its objects come from', () => {
  const files = {
    'app/kustomization.yaml': listing('components: [../part]'),
    'part/kustomization.yaml': listing('resources: [web.yaml]', 'Component', 'v1alpha1'),
    'part/web.yaml': configMap,
  };
  expect(render(files).map(({ metadata }) => metadata)).toEqual([
    { name: 'web', annotations: { 'config.kubernetes.io/origin': 'path: ../part/web.yaml\n' } },
  ]);
  expect(() => render({ ...files, ...patchFiles })).toThrow('is patched or generated in a folder without resources');
});
const patchFiles = {
  'part/kustomization.yaml': listing('resources: [web.yaml]\ncomponents: [../patch]', 'Component', 'v1alpha1'),
  'patch/kustomization.yaml': listing(
    'patches:\n  - patch: |\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: {name: web}\n      data: {a: b}',
    'Component',
    'v1alpha1',
  ),
};
