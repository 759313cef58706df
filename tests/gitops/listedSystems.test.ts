import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lists, readListedSystems } from '../../gitops/listedSystems';
import { ManifestError } from '../../gitops/manifestError';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-systems-'));
  write('kubernetes/clusters/one/cluster-settings.yaml', settings({ CLUSTER: 'one', ITEM: 'kubernetes/one/bind' }));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const settings = (data: Record<string, string>): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: cluster-settings, namespace: flux-system }\ndata: ${JSON.stringify(data)}\n`;

const kustomization = (fields: Record<string, unknown>): string =>
  JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });

const flux = (name: string, spec: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      prune: true,
      path: `./kubernetes/infrastructure/${name}`,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'cluster-settings' }] },
      ...spec,
    },
  });

const configMap = (value: string, metadata = 'name: a'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { ${metadata} }\ndata:\n  # \${COMMENTED}\n  key: ${value}\n`;

/** A cluster that lists systems, each with one file. */
function systems(files: Record<string, string>, specs: Record<string, Record<string, unknown>> = {}): void {
  const names = Object.keys(files);
  const resources = ['cluster-settings.yaml', ...names.map((name) => `../../systems/${name}`)];
  write('kubernetes/clusters/one/kustomization.yaml', kustomization({ resources }));
  for (const name of names) {
    write(`kubernetes/systems/${name}/kustomization.yaml`, kustomization({ resources: ['ks.yaml'] }));
    write(`kubernetes/systems/${name}/ks.yaml`, flux(name, specs[name]));
    write(`kubernetes/infrastructure/${name}/kustomization.yaml`, kustomization({ resources: ['a.yaml'] }));
    write(`kubernetes/infrastructure/${name}/a.yaml`, files[name] ?? '');
  }
}

const read = () => readListedSystems(root, 'one');

test('what a cluster lists, in its order, with the place of each', () => {
  systems({ b: configMap('x'), a: configMap('x', 'name: b') });
  expect(read()).toEqual({
    kustomizations: [
      { name: 'b', path: 'kubernetes/infrastructure/b', place: 'kubernetes/systems/b/ks.yaml:1' },
      { name: 'a', path: 'kubernetes/infrastructure/a', place: 'kubernetes/systems/a/ks.yaml:1' },
    ],
    variables: new Map(),
    vaultFields: [],
    unknown: [],
  });
  expect([lists(read(), 'a'), lists(read(), 'c')]).toEqual([true, false]);
});

test('a variable without a default is demanded at its first use; a default, an escape and a comment demand nothing', () => {
  systems({
    a: configMap('${ONE}-${TWO}-${THREE:=3}-${FOUR:-4}-$${FIVE}'),
    b: configMap('${ONE}', 'name: b'),
  });
  const use = { kustomization: 'a', place: 'kubernetes/infrastructure/a/a.yaml:6' };
  expect([...read().variables]).toEqual([
    ['ONE', use],
    ['TWO', use],
  ]);
});

test('a Kustomization that substitutes nothing, an inline variable and an object without substitution demand nothing', () => {
  const off = 'name: c, labels: { kustomize.toolkit.fluxcd.io/substitute: disabled }';
  systems(
    { a: configMap('${ONE}'), b: configMap('${APP}', 'name: b'), c: configMap('${ONE}', off) },
    {
      a: { postBuild: {} },
      b: { postBuild: { substitute: { APP: 'x' }, substituteFrom: [{ kind: 'ConfigMap', name: 'cluster-settings' }] } },
    },
  );
  expect([...read().variables]).toEqual([]);
});

test('a variable of a patch of the Kustomization is found in the patch', () => {
  const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  more: ${PATCHED}\n';
  systems({ a: configMap('x') }, { a: { patches: [{ patch }] } });
  expect(read().variables.get('PATCHED')?.kustomization).toBe('a');
});

test('the variables of a generated ConfigMap are those of its files', () => {
  systems({ a: configMap('x') });
  const generated = { name: 'g', files: ['config.txt'] };
  write(
    'kubernetes/infrastructure/a/kustomization.yaml',
    kustomization({ resources: ['a.yaml'], configMapGenerator: [generated] }),
  );
  write('kubernetes/infrastructure/a/config.txt', 'first\nhost: ${HOST}\n');
  const { variables, unknown } = read();
  expect(unknown).toEqual([]);
  expect([...variables]).toEqual([['HOST', { kustomization: 'a', place: 'kubernetes/infrastructure/a/config.txt:2' }]]);
});

test('fields of 1Password are read with their settings, as far as these exist', () => {
  const secret = [
    'apiVersion: external-secrets.io/v1',
    'kind: ExternalSecret',
    'metadata: { name: s }',
    'spec:',
    '  data:',
    '    - remoteRef: { key: "kubernetes/${CLUSTER}/a", property: token }',
    '    - remoteRef: { key: "${ITEM}", property: field/tsig }',
    '    - remoteRef: { key: "${MISSING}" }',
    '    - remoteRef: { key: a, property: file/x }',
    '  dataFrom:',
    '    - extract: { key: all }',
  ];
  systems({ a: `${secret.join('\n')}\n` });
  const by = { kustomization: 'a', place: 'kubernetes/infrastructure/a/a.yaml:1' };
  expect(read().vaultFields).toEqual([
    { title: 'kubernetes/one/a', field: 'token', by },
    { title: 'kubernetes/one/bind', field: 'tsig', by },
    { title: '${MISSING}', field: 'password', by },
    { title: 'all', field: '*', by },
  ]);
});

test('Kustomizations that a Kustomization applies are listed too; another source demands nothing', () => {
  systems(
    { a: flux('nested'), b: configMap('${ONE}') },
    { b: { sourceRef: { kind: 'GitRepository', name: 'other' } } },
  );
  write('kubernetes/infrastructure/nested/kustomization.yaml', kustomization({ resources: ['x.yaml'] }));
  write('kubernetes/infrastructure/nested/x.yaml', configMap('${NESTED}', 'name: other'));
  expect(read().kustomizations.map(({ name }) => name)).toEqual(['a', 'b', 'nested']);
  expect([...read().variables.keys()]).toEqual(['NESTED']);
});

test.each([
  ['a feature that is not supported', kustomization({ resources: ['a.yaml'], namePrefix: 'x-' })],
  ['a broken file', 'a: [\n'],
  ['a generator that reads something else', kustomization({ configMapGenerator: [{ name: 'g', literals: ['a=b'] }] })],
])('what a folder with %s demands is not known, and the others are still read', (_, text) => {
  systems({ a: configMap('${ONE}'), b: configMap('${TWO}', 'name: b') });
  write('kubernetes/infrastructure/a/kustomization.yaml', text);
  const { kustomizations, variables, unknown } = read();
  expect(kustomizations.map(({ name }) => name)).toEqual(['a', 'b']);
  expect([...variables.keys()]).toEqual(['TWO']);
  expect(unknown).toEqual(['a']);
});

test('a folder that does not exist is not known; a broken entry point is an error; broken settings are none here', () => {
  systems({ a: configMap('${ONE}') }, { a: { path: './nowhere' } });
  expect(read().unknown).toEqual(['a']);
  write('kubernetes/clusters/one/cluster-settings.yaml', settings({ CLUSTER: 'one' }).replace('"one"', '1'));
  expect(read().unknown).toEqual(['a']);
  write('kubernetes/clusters/one/kustomization.yaml', kustomization({ resources: ['../../systems/gone'] }));
  expect(read).toThrow(ManifestError);
});
