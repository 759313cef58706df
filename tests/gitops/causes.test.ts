import type { Finding } from '../../gitops/checks/check';
import { oneForEachCause } from '../../gitops/causes';

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

test.each([
  ['another line', { line: 4 }],
  ['another file', { file: 'b.yaml' }],
  ['another rule', { id: 'object-twice' }],
  ['another problem', { what: 'is missing' }],
])('%s is another finding', (_, rest) => {
  const all = [finding('PersistentVolumeClaim a/data'), finding('PersistentVolumeClaim b/more', rest)];
  expect(oneForEachCause(all)).toEqual(all);
});
