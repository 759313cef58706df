import type { BuiltObject, Json, KubernetesObject } from '../../../gitops/kubernetesObject';
import { ManifestError } from '../../../gitops/manifestError';
import { applyReplacements } from '../../../gitops/render/replacements';

const builtObject = (kind: string, name: string, rest: object): BuiltObject => {
  const object = { apiVersion: 'v1', kind, metadata: { name }, ...rest } as unknown as KubernetesObject;
  return { object, origins: [{ file: 'a.yaml', line: 1, text: '' }] };
};
const objects = (): BuiltObject[] => [
  builtObject('ConfigMap', 'settings', { data: { SUSPENDED: 'true', NAME: 'two' } }),
  builtObject('App', 'one', { spec: { suspend: false, name: 'x' } }),
];
const replacement = (key: string, path: string, name = 'one'): Json => [
  {
    source: { kind: 'ConfigMap', name: 'settings', fieldPath: `data.${key}` },
    targets: [{ select: { kind: 'App', name }, fieldPaths: [path] }],
  },
];
const problemsOf = (value: Json): string[] => {
  try {
    applyReplacements(objects(), value, 'k.yaml:3');
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
};

test('the target field keeps its type', () => {
  const all = objects();
  applyReplacements(all, replacement('SUSPENDED', 'spec.suspend'), 'k.yaml:3');
  applyReplacements(all, replacement('NAME', 'spec.name'), 'k.yaml:3');
  expect(all[1]?.object['spec']).toEqual({ suspend: true, name: 'two' });
});

test('a target that nothing matches is left out, as kustomize does', () => {
  const all = objects();
  applyReplacements(all, replacement('NAME', 'spec.name', 'three'), 'k.yaml:3');
  expect(all).toEqual(objects());
});

test('a name with dots is in brackets', () => {
  const all = [...objects(), builtObject('App', 'three', { metadata: { name: 'three', labels: { 'a.b/c': 'no' } } })];
  applyReplacements(all, replacement('NAME', 'metadata.labels.[a.b/c]', 'three'), 'k.yaml:3');
  expect(all[2]?.object.metadata['labels']).toEqual({ 'a.b/c': 'two' });
});

test('replaces one segment of a string, in every object that a label selects', () => {
  const labelled = {
    metadata: { name: 'one', labels: { own: 'yes' } },
    spec: { patches: [{ selector: 'a,b!=none' }] },
  };
  const all = [...objects(), builtObject('App', 'one', labelled), builtObject('App', 'two', { spec: {} })];
  const into = [
    {
      source: { kind: 'ConfigMap', name: 'settings', fieldPath: 'data.NAME' },
      targets: [
        {
          select: { kind: 'App', labelSelector: 'own=yes' },
          fieldPaths: ['spec.patches.0.selector'],
          options: { delimiter: '!=', index: 1 },
        },
      ],
    },
  ];
  applyReplacements(all, into, 'k.yaml:3');
  expect(all[2]?.object['spec']).toEqual({ patches: [{ selector: 'a,b!=two' }] });
});

test.each<[string, Json, string]>([
  ['another form', [{ sourceValue: 'x' }], 'only `source` with a `fieldPath` is supported'],
  [
    'a missing source',
    [{ source: { kind: 'X', name: 'y', fieldPath: 'a' } }],
    'source X y must match exactly one object',
  ],
  ['a missing key', replacement('OTHER', 'spec.name'), 'settings has no string at data.OTHER'],
  ['a missing field', replacement('NAME', 'spec.other'), 'one has no field spec.other to replace'],
  ...['spec.[name=one].x', 'spec.*', 'spec..name', 'a[b]', '[a.b'].map((path): [string, Json, string] => [
    `path ${path}`,
    replacement('NAME', path),
    'a field path must be names, indexes and [names.with.dots], separated by dots',
  ]),
])('rejects %s', (_what, value, message) => {
  expect(problemsOf(value)).toEqual([`k.yaml:3: replacements: ${message}`]);
});
