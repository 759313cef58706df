import { diffTrees } from '../../../gitops/diff/diffTrees';
import { cluster, kustomization, object, tree } from './trees';

const config = (value: string) => object('ConfigMap', 'settings', { data: { value } });

test('reports only changed clusters, with each object and its changed values', () => {
  const before = tree([cluster('one', [config('a')]), cluster('two', [config('a')])]);
  const after = tree([cluster('one', [config('b'), object('Service', 'web')]), cluster('two', [config('a')])]);
  expect(diffTrees(before, after)).toEqual([
    {
      cluster: 'one',
      change: 'changed',
      notCompared: [],
      objects: [
        {
          object: 'ConfigMap app/settings',
          apiVersion: 'v1',
          change: 'changed',
          kustomization: 'flux-system/app',
          file: 'app/settings.yaml',
          values: [{ path: 'data.value', before: 'a', after: 'b' }],
        },
        expect.objectContaining({ object: 'Service app/web', change: 'added' }),
      ],
    },
  ]);
  expect(diffTrees(after, before)[0]?.objects.map(({ change }) => change)).toEqual(['changed', 'removed']);
  expect(diffTrees(after, after)).toEqual([]);
});

test('reports added and removed clusters', () => {
  const all = tree([cluster('one', []), cluster('two', [config('a')])]);
  const [added] = diffTrees(tree([cluster('one', [])]), all);
  expect([added?.cluster, added?.change, added?.objects.length]).toEqual(['two', 'added', 1]);
  expect(diffTrees(all, tree([cluster('one', [])]))[0]?.change).toBe('removed');
});

test('masks the data of a Secret, but still reports the change', () => {
  const secret = (text: string) => object('Secret', 'login', { stringData: { password: text, user: 'u' }, type: 'x' });
  const treeOf = (...objects: ReturnType<typeof secret>[]) => tree([cluster('one', objects)]);
  expect(diffTrees(treeOf(secret('hunter2')), treeOf(secret('hunter3')))[0]?.objects[0]?.values).toEqual([
    { path: 'stringData.password', before: '(masked)', after: '(masked)' },
  ]);
  const added = diffTrees(treeOf(), treeOf(secret('hunter2')));
  expect(JSON.stringify(added)).not.toContain('hunter');
  expect(added[0]?.objects[0]?.values[0]?.after).toMatchObject({ stringData: { password: '(masked)' }, type: 'x' });
});

test('masks variable values from a Secret wherever they occur', () => {
  const postBuild = { substituteFrom: [{ kind: 'Secret', name: 'login' }], substitute: { HOST: 'db' } };
  const owner = kustomization('app', { variables: { PASSWORD: 's3cr3t', HOST: 'db' } });
  owner.object['spec'] = { postBuild };
  const variables = ['PASSWORD', 'HOST'].map((name) => ({ name, hasDefault: false }));
  const release = object('HelmRelease', 'app', { spec: { values: { url: 'x://u:s3cr3t@db' } } }, { variables });
  const [diff] = diffTrees(tree([cluster('one', [], [owner])]), tree([cluster('one', [release], [owner])]));
  expect(diff?.objects[0]?.values[0]?.after).toMatchObject({ spec: { values: { url: 'x://u:(masked)@db' } } });
});

test('detects changed SOPS values by their file, because they render to the same placeholder', () => {
  const secret = object('Secret', 'login', { data: { a: 'sops-encrypted' } }, { encrypted: true });
  const treeOf = (text: string) => tree([cluster('one', [secret])], { 'app/login.yaml': text });
  expect(diffTrees(treeOf('a'), treeOf('a'))).toEqual([]);
  expect(diffTrees(treeOf('a'), treeOf('b'))[0]?.objects[0]?.values).toEqual([
    { path: '', note: 'the file with its encrypted values changed' },
  ]);
});

test('reports an object that moves to another Kustomization', () => {
  const moved = { ...config('a'), kustomization: 'flux-system/other' };
  const both = [kustomization('app'), kustomization('other')];
  const [diff] = diffTrees(tree([cluster('one', [config('a')], both)]), tree([cluster('one', [moved], both)]));
  expect(diff?.objects.map(({ change }) => change)).toEqual(['changed']);
  expect(diff?.objects[0]?.values[0]?.note).toMatch(
    /^moved from Kustomization flux-system\/app to flux-system\/other;/,
  );
});

test('pairs generated objects with different name hashes', () => {
  const generated = (hash: string, value: string) =>
    object('ConfigMap', `app-${hash}`, { data: { value } }, { generated: true, file: 'app/kustomization.yaml' });
  const treeOf = (hash: string, value: string) => tree([cluster('one', [generated(hash, value)])]);
  expect(diffTrees(treeOf('2456789bcd', 'a'), treeOf('mtkhgfdcb9', 'b'))[0]?.objects).toMatchObject([
    { change: 'changed', values: [{ path: 'data.value' }, { path: 'metadata.name' }] },
  ]);
});

test('does not report objects of a Kustomization that failed to render as removed', () => {
  const broken = [kustomization('app', { skipped: 'failed' })];
  const nested = object('Service', 'web', {}, { kustomization: 'flux-system/nested' });
  const all = [kustomization('app'), kustomization('nested')];
  const [diff] = diffTrees(tree([cluster('one', [config('a'), nested], all)]), tree([cluster('one', [], broken)]));
  expect(diff).toMatchObject({ objects: [], notCompared: [{ kustomization: 'flux-system/app', side: 'after' }] });
});

test.each(['suspended', 'external'] as const)(
  'does not report what a Kustomization holds as gone or new when it is %s on one side, nor what its children hold',
  (skipped) => {
    const nested = object('Service', 'web', {}, { kustomization: 'flux-system/nested' });
    const all = [kustomization('app'), kustomization('nested', { parent: 'flux-system/app' })];
    const rendered = tree([cluster('one', [config('a'), nested], all)]);
    const without = tree([cluster('one', [], [kustomization('app', { skipped })])]);
    expect(diffTrees(rendered, without)).toEqual([]);
    expect(diffTrees(without, rendered)).toEqual([]);
  },
);

test('reports what a Kustomization held that left Git, although another one is suspended', () => {
  const before = tree([
    cluster('one', [config('a')], [kustomization('app'), kustomization('db', { skipped: 'suspended' })]),
  ]);
  const after = tree([cluster('one', [], [kustomization('db', { skipped: 'suspended' })])]);
  expect(diffTrees(before, after)[0]?.objects.map(({ change }) => change)).toEqual(['removed']);
});
