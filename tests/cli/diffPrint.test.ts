import type { ClusterDiff, ValueChange } from '../../gitops/diff/changes';
import { changeLines } from '../../cli/validate/diff/lines';
import { diffMarkdown } from '../../cli/validate/diff/markdown';
import { diffPlain } from '../../cli/validate/diff/print';
import type { DiffResult } from '../../cli/validate/diff/runDiff';

const linesOf = (change: ValueChange): string[] => changeLines(change).map(({ mark, text }) => `${mark} ${text}`);

const diff = (cluster: string, values: ValueChange[], change: 'changed' | 'removed' = 'changed'): ClusterDiff => ({
  cluster,
  change: 'changed',
  notCompared: [],
  objects: [{ object: 'HelmRelease a/<b>', apiVersion: 'v2', change, kustomization: 'f/k', file: 'b.yaml', values }],
});
const result = (...clusters: ClusterDiff[]): DiffResult => ({
  ref: 'main',
  commit: '0123456789',
  clusters,
  unchanged: ['three'],
  seconds: 1,
});
const replicas = [{ path: 'spec.values.replicas', before: 2, after: 3 }];

describe('a change', () => {
  test.each<[string, ValueChange, string[]]>([
    ['a value', { path: 'a.b', before: 2, after: '2' }, ['~ a.b: 2 → "2"']],
    ['an added value', { path: 'a', after: 'x' }, ['+ a: x']],
    ['a removed map', { path: 'a', before: { b: { c: 1 } } }, ['- a:', '-   b:', '-     c: 1']],
    ['an added object', { path: '', after: { kind: 'X', a: [1] } }, ['+ kind: X', '+ a:', '+   - 1']],
    ['a value of another type', { path: 'a', before: {}, after: 'x' }, ['~ a: {} → x']],
    ['a note', { path: 'a', note: 'moved' }, ['~ a: moved']],
    [
      'a multi-line string',
      { path: 'a', before: '1\n2\n3\n4\n5\n', after: '1\n2\n3\n4\nfive\n' },
      ['~ a:', '    3', '    4', '-   5', '+   five'],
    ],
  ])('%s', (_, change, lines) => expect(linesOf(change)).toEqual(lines));

  test('with too many lines is truncated with a note', () => {
    const after = Array.from({ length: 500 }, (_, index) => `${index}`);
    expect(linesOf({ path: 'a', after }).at(-1)).toBe('  … 301 more lines');
  });
});

test('plain text lists clusters, objects and values; a removed object by name only', () => {
  const text = diffPlain(result(diff('one', replicas), diff('two', [{ path: '', before: { kind: 'X' } }], 'removed')));
  expect(text.split('\n').slice(2)).toEqual([
    'one: 1 changed',
    '  ~ HelmRelease a/<b>  (Kustomization f/k, b.yaml)',
    '      ~ spec.values.replicas: 2 → 3',
    '',
    'two: 1 removed',
    '  - HelmRelease a/<b>  (Kustomization f/k, b.yaml)',
    '',
    'no changes on: three',
  ]);
});

describe('Markdown', () => {
  test('collapses objects and groups clusters with the same changes', () => {
    const text = diffMarkdown(result(diff('one', replicas), diff('two', replicas)));
    expect(text).toContain('#### `one`, `two`: 1 changed');
    expect(text.match(/<details>/g)).toHaveLength(1);
    expect(text).toContain('<code>HelmRelease a/&lt;b&gt;</code>');
    expect(text).toContain('```diff\n! spec.values.replicas: 2 → 3\n```');
  });

  test('uses a code fence longer than any in the text', () => {
    const text = diffMarkdown(result(diff('one', [{ path: 'a', after: 'x\n```\ny\n' }])));
    expect(text).toContain('````diff\n');
  });

  test('is truncated between objects, with a note, to fit into a comment', () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      diff(`c${index}`, [{ path: 'a', before: index, after: 'x' }]),
    );
    const text = diffMarkdown(result(...many), 3000);
    expect(text.length).toBeLessThanOrEqual(3000);
    expect(text).toMatch(/\*\*Truncated:.* prints all of it\.$/);
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
  });
});
