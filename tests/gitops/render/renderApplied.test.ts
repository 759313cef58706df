import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import { renderApplied } from '../../../gitops/render/renderApplied';
import { keycloakResources } from '../../../lab/services/git/keycloakResources';

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

test('sets the target namespace of everything in a namespace, and leaves the rest', () => {
  const binding = [
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: web',
    'subjects:\n  - kind: ServiceAccount\n    name: web\n    namespace: other\n',
  ].join('\n');
  const files = {
    ...app,
    'app/kustomization.yaml': listing('resources: [web.yaml, binding.yaml]'),
    'app/binding.yaml': binding,
  };
  const found = render(files, { path: './app', targetNamespace: 'web' });
  expect(found.map(({ kind, metadata, subjects }) => [kind, metadata.namespace, subjects])).toEqual([
    ['ConfigMap', 'web', undefined],
    ['ClusterRoleBinding', undefined, [{ kind: 'ServiceAccount', name: 'web', namespace: 'other' }]],
  ]);
});

test('a folder without a kustomization file consists of the YAML files in it and below', () => {
  const files = {
    'app/b.yml': configMap,
    'app/deep/a.yaml': configMap.replace('name: web', 'name: deep'),
    'app/listed/kustomization.yaml': listing('resources: [only.yaml]'),
    'app/listed/only.yaml': configMap.replace('name: web', 'name: only'),
    'app/listed/other.yaml': configMap.replace('name: web', 'name: other'),
    'app/README.md': 'text',
  };
  const patch = '[{op: add, path: /data/more, value: x}]';
  const sourceRef = { kind: 'GitRepository', name: 'theirs' };
  const spec = { path: './app', sourceRef, patches: [{ target: { kind: 'ConfigMap', name: 'deep' }, patch }] };
  expect(() => render(files, { ...spec, sourceRef: { ...sourceRef, name: 'flux-system' } })).toThrow(
    'app/kustomization.yaml: file does not exist, so app cannot be built; create it',
  );
  expect(render(files, spec).map(({ metadata, data }) => [metadata.name, data])).toEqual([
    ['web', { text: '${TEXT}' }],
    ['deep', { text: '${TEXT}', more: 'x' }],
    ['only', { text: '${TEXT}' }],
  ]);
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
  const spec = { path: './none', namePrefix: 'web-', images: [], components: ['x'] };
  expect(() => render(app, spec)).toThrow(
    [
      'Kustomization flux-system/web: cannot render spec.components; build it with flux build kustomization',
      'Kustomization flux-system/web: cannot render spec.images; build it with flux build kustomization',
      'Kustomization flux-system/web: cannot render spec.namePrefix; build it with flux build kustomization',
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

test("drift can render Keycloak's operator as Flux applies it, from the lab's copy of its repository", () => {
  const file = join(__dirname, '..', '..', '..', 'kubernetes', 'systems', 'keycloak', 'ks.yaml');
  const all = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubernetesObject);
  const operator = all.find(({ metadata }) => metadata.name === 'keycloak-operator');
  if (operator === undefined) throw new Error('no keycloak-operator');
  const objects = renderApplied(keycloakResources.folder, operator, {}).map(({ object }) => object);
  const namespaces = objects.flatMap(({ metadata: { namespace } }) => namespace ?? []);
  expect([...new Set(namespaces)]).toEqual(['keycloak-system']);
  expect(objects.filter(({ kind }) => kind === 'CustomResourceDefinition')).toHaveLength(2);
});
