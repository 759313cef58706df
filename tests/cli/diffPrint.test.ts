import type { ClusterDiff, ValueChange } from '../../gitops/diff/changes';
import { changeLines } from '../../cli/validate/diff/lines';
import { diffMarkdown } from '../../cli/validate/diff/markdown';
import { diffPlain } from '../../cli/validate/diff/print';
import { type DiffResult, isIncomplete } from '../../cli/validate/diff/runDiff';
import type { ImageChange } from '../../gitops/signals/images';
import type { Signal } from '../../gitops/signals/signal';

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
  signals: [],
  images: {},
  charts: { compared: 0, unknown: [], notRendered: [] },
  seconds: 1,
});
const signal = (severity: Signal['severity'], name: string): Signal => ({
  id: 'host-access',
  severity,
  clusters: ['one', 'two'],
  object: `Deployment app/${name}`,
  kustomization: 'f/k',
  file: 'b.yaml',
  line: 7,
  what: 'its pods get hostNetwork',
  why: 'they see the <node>',
  todo: 'use a Service instead',
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

test('plain text starts with signals and with what could not be told, and ends with what was left out', () => {
  const all: DiffResult = {
    ...result({ ...diff('one', replicas), notCompared: [{ kustomization: 'f/x', side: 'after' }] }),
    signals: [signal('danger', 'web'), signal('note', 'x'), signal('note', 'y')],
    charts: {
      compared: 0,
      unknown: [
        {
          cluster: 'one',
          release: 'HelmRelease a/b',
          reason: 'chart b 1.0.0: could not be had: no such host; its changes are unknown',
        },
      ],
      notRendered: ['HelmRelease a/c', 'HelmRelease a/d'],
    },
  };
  const lines = diffPlain(all).split('\n');
  expect(lines.slice(2, 6)).toEqual([
    'signals: 1 danger, 2 notes',
    '  danger host-access (one, two)  b.yaml:7',
    '      Deployment app/web: its pods get hostNetwork; they see the <node>; use a Service instead',
    '  note host-access (one, two)  b.yaml:7',
  ]);
  expect(lines.slice(10, 13)).toEqual([
    'could not tell:',
    '  ? one: Kustomization f/x cannot be rendered now: its changes are unknown',
    '  ? one: HelmRelease a/b: chart b 1.0.0: could not be had: no such host; its changes are unknown',
  ]);
  expect(lines.at(-1)).toBe('not shown: what changes inside the chart of HelmRelease a/c and 1 more; add --charts');
  expect(isIncomplete(all)).toBe(true);
  expect(isIncomplete(result(diff('one', replicas)))).toBe(false);
});

describe('Markdown', () => {
  test('is signals, then a table, then folded objects; clusters with the same changes together', () => {
    const image: ImageChange = {
      kind: 'image',
      object: 'HelmRelease a/<b>',
      kustomization: 'f/k',
      path: 'x',
      before: 'ghcr.io/a/app:1.0.0',
      after: 'ghcr.io/a/app:2.0.0',
      step: 'major',
    };
    const text = diffMarkdown({
      ...result(diff('one', replicas), diff('two', replicas)),
      signals: [signal('danger', 'web')],
      images: { one: [image] },
    });
    expect(text).toBe(
      [
        '### What changes on the clusters',
        '',
        'From `main` (0123456): `one` 1 changed; `two` 1 changed; nothing on `three`.',
        '',
        '**Signals:** 1 danger',
        '',
        '- **danger** `host-access` on `one`, `two`: **Deployment app/web** its pods get hostNetwork; they see the &lt;node&gt;; use a Service instead. <sub>b.yaml:7</sub>',
        '',
        '| cluster | Kustomization | added | changed | removed | images and charts |',
        '|---|---|---|---|---|---|',
        '| one, two | f/k |  | 1 |  | **app 1.0.0 → 2.0.0 (major)** |',
        '',
        '#### `one`, `two`',
        '',
        '<details><summary>changed: <code>HelmRelease a/&lt;b&gt;</code></summary>',
        '',
        'Kustomization f/k, b.yaml',
        '',
        '```diff',
        '! spec.values.replicas: 2 → 3',
        '```',
        '',
        '</details>',
      ].join('\n'),
    );
  });

  test('says a reason that several signals share once, and folds many notes', () => {
    const text = diffMarkdown({
      ...result(),
      signals: [
        signal('warning', 'a'),
        signal('warning', 'b'),
        ...['a', 'b', 'c', 'd'].map((name) => signal('note', name)),
      ],
    });
    expect(text).toContain(
      [
        '- **warning** `host-access`: they see the &lt;node&gt;; use a Service instead.',
        '  - **Deployment app/a** on `one`, `two`: its pods get hostNetwork <sub>b.yaml:7</sub>',
        '  - **Deployment app/b** on `one`, `two`: its pods get hostNetwork <sub>b.yaml:7</sub>',
      ].join('\n'),
    );
    expect(text).toContain('<details><summary>4 notes</summary>\n\n- **note** `host-access`: they see');
  });

  test('uses a code fence longer than any in the text', () => {
    const text = diffMarkdown(result(diff('one', [{ path: 'a', after: 'x\n```\ny\n' }])));
    expect(text).toContain('````diff\n');
  });

  test('leaves out diffs first, then rows, then signals, counts them, and keeps within the budget', () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      diff(`c${index}`, [{ path: 'a', before: index, after: 'x' }]),
    );
    const all = { ...result(...many), clusters: many, signals: [signal('danger', 'web')] };
    const full = diffMarkdown(all, 1_000_000);
    expect(full).not.toContain('Left out');
    const text = diffMarkdown(all, 20_000);
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(text).toContain('host-access');
    const cut = /\*\*Left out for length:\*\* (\d+) diffs\. `npm run validate -- --diff main` prints all of it\.$/.exec(
      text,
    );
    expect(text.match(/<details>/g)?.length).toBe(200 - Number(cut?.[1]));
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
    const short = diffMarkdown(all, 9_000);
    expect(short.length).toBeLessThanOrEqual(9_000);
    expect(short).toMatch(/\*\*Left out for length:\*\* \d+ rows of the table, 200 diffs\./);
    expect(short).toContain('host-access');
  });
});
