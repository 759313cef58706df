import type { Finding } from '../../gitops/checks/check';
import { oneForEachCause, withoutConsequences } from '../../gitops/causes';

const finding = (object: string, rest: Partial<Finding> = {}): Finding => ({
  id: 'schema-unknown-field',
  object,
  file: 'components/pvc.yaml',
  line: 3,
  severity: 'error',
  clusters: ['one'],
  what: 'is not a field',
  why: 'why',
  todo: 'todo',
  ...rest,
});

test('what a rule says about one line for several objects is one finding', () => {
  const all = [
    finding('PersistentVolumeClaim a/data', { what: 'PersistentVolumeClaim a/data is too small' }),
    finding('PersistentVolumeClaim b/more', { what: 'PersistentVolumeClaim b/more is too small', clusters: ['two'] }),
    finding('PersistentVolumeClaim b/more', { what: 'PersistentVolumeClaim b/more is too small', clusters: ['three'] }),
  ];
  expect(oneForEachCause(all)).toEqual([
    { ...all[0], clusters: ['one', 'three', 'two'], also: ['PersistentVolumeClaim b/more'] },
  ]);
});

test('what a rule gives the same cause is one finding, whatever the place', () => {
  const all = [
    finding('A a/b', { cause: 'x' }),
    finding('B a/c', { cause: 'x', line: 9 }),
    finding('B a/d', { cause: 'y' }),
  ];
  expect(oneForEachCause(all)).toEqual([finding('A a/b', { also: ['B a/c'] }), finding('B a/d')]);
});

test('a namespace that is called like a word of the text changes nothing', () => {
  const what = 'is replaced by its default';
  const all = [finding('Service default/a', { what }), finding('Service other/a', { what })];
  expect(oneForEachCause(all)).toHaveLength(1);
});

test('an artifact that cannot be built follows from a path that is reported', () => {
  const artifact = finding('Kustomization a/b', { id: 'artifact-not-built' });
  const path = finding('ArtifactGenerator a/b', { id: 'source-path-missing' });
  expect(withoutConsequences([artifact, path])).toEqual([path]);
  expect(withoutConsequences([artifact])).toEqual([artifact]);
});

test.each([
  ['another line', { line: 4 }],
  ['another file', { file: 'b.yaml' }],
  ['another rule', { id: 'object-twice' }],
  ['another problem', { what: 'is missing' }],
])('%s is another finding', (_, rest) => {
  const all = [finding('PersistentVolumeClaim a/data'), finding('PersistentVolumeClaim b/more', rest)];
  expect(oneForEachCause(all)).toEqual(all);
});

test('what the program refuses of a file is left out where another rule reports the line', () => {
  const refused = finding('Stack one', { id: 'definition', overlap: { sameLine: true } });
  const elsewhere = { ...refused, line: 4 };
  const other = finding('Stack one', { id: 'definition' });
  const reported = finding('Kustomization flux-system/a', { id: 'not-yaml' });
  expect(withoutConsequences([refused, elsewhere, reported])).toEqual([elsewhere, reported]);
  expect(withoutConsequences([refused, elsewhere])).toEqual([refused, elsewhere]);
  expect(withoutConsequences([other, reported])).toEqual([other, reported]);
});

test('an unset variable is left out where the program says which setting every one of its clusters lacks', () => {
  const lacking = finding('Stack one', { id: 'definition', overlap: { setting: 'DOMAIN' } });
  const unset = finding('ConfigMap a/b', { id: 'variable-unset', what: '${DOMAIN} is not set' });
  const another = { ...unset, what: '${DOMAINS} is not set' };
  const onBoth = { ...unset, clusters: ['one', 'two'] };
  expect(withoutConsequences([lacking, unset, another, onBoth])).toEqual([lacking, another, onBoth]);
  expect(withoutConsequences([unset])).toEqual([unset]);
});
