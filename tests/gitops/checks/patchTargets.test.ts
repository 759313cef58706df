import { patchWithoutTarget } from '../../../gitops/checks/patchTargets';
import { findingsOf, handTree, type HandKustomization } from './handTree';

const config = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: a${more}}\n`;
const header = 'apiVersion: kustomize.config.k8s.io/v1beta1\n';
const build = (target: string, more = ''): string =>
  `${header}resources: [c.yaml]\npatches:\n  - target: ${target}\n    patch: |\n      - {op: add, path: /data, value: {}}\n${more}`;
const app = (files: Record<string, string>, extra: Partial<HandKustomization> = {}): HandKustomization[] => [
  { name: 'flux-system' },
  { name: 'app', parent: 'flux-system', files, ...extra },
];
const found = (target: string, files: Record<string, string> = { 'c.yaml': config('settings') }): string[] =>
  findingsOf(patchWithoutTarget, handTree(app({ 'kustomization.yaml': build(target), ...files })));

test.each([
  '{kind: ConfigMap, name: settings}',
  // Names and kinds are anchored patterns.
  '{kind: Config.*, name: set.+}',
  '{kind: ConfigMap, name: settings, namespace: a}',
  // A default for objects to come needs no more than its kind.
  '{kind: ConfigMap, labelSelector: a=b}',
  // A selector that only kustomize reads.
  '{kind: ConfigMap, name: settings, labelSelector: "a in (b)"}',
])('%s fits', (target) => expect(found(target)).toEqual([]));

test.each([
  [
    '{kind: ConfigMap, name: setting}',
    'patches ConfigMap setting, which is not in what Kustomization flux-system/app applies',
  ],
  [
    '{kind: Secret, name: settings}',
    'patches Secret settings, which is not in what Kustomization flux-system/app applies',
  ],
  [
    '{kind: ConfigMap, name: settings, namespace: b}',
    'patches ConfigMap b/settings, which is not in what Kustomization flux-system/app applies',
  ],
  [
    '{kind: ConfigMap, name: settings, labelSelector: a=b}',
    'patches ConfigMap settings with a=b, which is not in what Kustomization flux-system/app applies',
  ],
  ['{group: apps, kind: Deploymnt}', 'patches Deploymnt of apps, which is not in the repository'],
])('%s fits nothing', (target, what) => expect(found(target)).toEqual([`kustomization.yaml:4 ${what}`]));

test('an object that a patch deletes is in its file; the patch itself is none', () => {
  const patched = (text: string): ReturnType<typeof handTree> => {
    const tree = handTree(app({ 'kustomization.yaml': text, 'c.yaml': config('settings'), 'p.yaml': config('other') }));
    tree.clusters[0]?.objects.splice(0, 2);
    return tree;
  };
  expect(findingsOf(patchWithoutTarget, patched(build('{kind: ConfigMap, name: settings}')))).toEqual([]);
  const byFile = `${header}patches:\n  - {target: {kind: ConfigMap, name: other}, path: ./p.yaml}\n`;
  expect(findingsOf(patchWithoutTarget, patched(byFile))).toHaveLength(1);
});

test('a component needs to fit in one of the builds that use it', () => {
  const component = { 'components/x/kustomization.yaml': build('{kind: ConfigMap, name: settings}') };
  const builds = (...names: string[]): HandKustomization[] =>
    names.map((name) => ({ name, parent: 'flux-system', files: { ...component, [`${name}.yaml`]: config(name) } }));
  const check = (...names: string[]): string[] =>
    findingsOf(patchWithoutTarget, handTree([{ name: 'flux-system' }, ...builds(...names)]));
  expect(check('other', 'settings')).toEqual([]);
  expect(check('other', 'one')).toEqual([
    'components/x/kustomization.yaml:4 patches ConfigMap settings, which is not in what 2 Kustomizations apply',
  ]);
});

test('what cannot be rendered is not checked', () => {
  const files = { 'kustomization.yaml': build('{kind: ConfigMap, name: nothing}') };
  const failed = handTree(app(files, { skipped: 'failed' }));
  const remote = handTree(app(files));
  remote.clusters[0]?.problems.push({ id: 'remote-base', kustomization: 'flux-system/app', what: '' });
  for (const tree of [failed, remote]) {
    expect([...patchWithoutTarget.run(tree)].filter((entry) => !('places' in entry))).toMatchObject([
      { reason: 'the objects to patch are not all in Git' },
    ]);
  }
});

test('patches of a Flux Kustomization', () => {
  const patch = (name: string): unknown => ({ target: { kind: 'ConfigMap', name }, patch: '[]' });
  const check = (...names: string[]): string[] =>
    findingsOf(
      patchWithoutTarget,
      handTree(app({ 'c.yaml': config('settings') }, { spec: { patches: names.map(patch) } })),
    );
  expect(check('settings')).toEqual([]);
  expect(check('settings', 'setting')).toEqual([
    'flux-system/app.yaml:1 patches ConfigMap setting, which is not in what Kustomization flux-system/app applies',
  ]);
});

describe('patches of a FluxInstance', () => {
  const instance = (target: string, spec = ''): string[] =>
    findingsOf(
      patchWithoutTarget,
      handTree([
        {
          name: 'flux-system',
          files: {
            'f.yaml': `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: f}\nspec:\n  kustomize: {patches: [{target: ${target}, patch: "[]"}]}\n${spec}`,
          },
        },
      ]),
    );

  test.each([
    '{kind: Deployment, name: helm-controller}',
    '{kind: Deployment, name: "(kustomize-controller|nothing)"}',
    '{kind: Deployment, namespace: f}',
    '{kind: Service, name: webhook-receiver}',
    // Names of other kinds differ between versions.
    '{kind: ClusterRoleBinding, name: anything}',
    '{kind: GitRepository}',
  ])('%s', (target) => expect(instance(target)).toEqual([]));

  test.each([
    '{kind: Deployment, name: kustomize-controler}',
    '{kind: Deploymnt, name: helm-controller}',
    // Not among the default components.
    '{kind: Deployment, name: image-reflector-controller}',
  ])('%s', (target) => expect(instance(target)).toHaveLength(1));

  test('components and shards', () => {
    expect(instance('{kind: Deployment, name: source-watcher}', '  components: [source-watcher]\n')).toEqual([]);
    // A component that Flux does not have.
    expect(
      instance('{kind: Deployment, name: kustomize-controler}', '  components: [kustomize-controler]\n'),
    ).toHaveLength(1);
    const sharded = '  sharding: {shards: [s1]}\n';
    expect(instance('{kind: Deployment, name: source-controller-s1}', sharded)).toEqual([]);
  });
});
