import type { Check } from '../../gitops/checks/check';
import { findFindings, parsePath } from '../../gitops/findings';
import { problemKinds } from '../../gitops/problemKinds';
import type { TreeProblem } from '../../gitops/tree';
import { kustomization, tree, treeObject } from './tree';

const files = {
  'shop.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: \${REPLICAS}
  paused: maybe
  text: |
    a
    \${LATE}
`,
  'patch.yaml': 'spec:\n  image: ${IMAGE}\n',
  'bad.yaml': '---\na: b\nc: {\nd: e\n',
};
const object = treeObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' } }, 'shop.yaml', {
  kustomization: 'flux-system/shop',
});
const problem = (id: string, rest: Partial<TreeProblem> = {}): TreeProblem => ({
  id,
  kustomization: 'flux-system/shop',
  what: 'is wrong',
  ...rest,
});
const cluster = (name: string, problems: TreeProblem[], failed = false) => ({
  name,
  objects: [object],
  problems,
  kustomizations: [
    kustomization('flux-system/flux-system', failed ? { skipped: 'failed' as const } : {}),
    kustomization('flux-system/shop', { files: ['patch.yaml', 'shop.yaml'] }),
  ],
});
const short = (one: { id: string; file: string; line: number; clusters: string[] }): string =>
  `${one.file}:${one.line} ${one.id} ${one.clusters.join('+')}`;
const check = (id: string, rest: Partial<Check> = {}): Check => ({
  id,
  severity: 'warning',
  set: 'general',
  why: 'why',
  run: () => [],
  ...rest,
});

describe('problems of the renderer', () => {
  const placed = (one: TreeProblem): string[] =>
    findFindings(tree(files, cluster('one', [one])), { checks: [] }).map(short);

  test.each([
    [
      'a field',
      problem('schema-unknown-field', { object: 0, field: 'spec.paused' }),
      'shop.yaml:7 schema-unknown-field one',
    ],
    ['a wrong value', problem('schema-invalid', { object: 0, field: 'spec.paused' }), 'shop.yaml:7 schema-invalid one'],
    [
      'a value from a setting',
      problem('schema-invalid', { object: 0, field: 'spec.replicas' }),
      'shop.yaml:6 setting-type one',
    ],
    [
      'a variable in a text of several lines',
      problem('variable-unset', { object: 0, field: 'spec.text', what: '${LATE} is not set' }),
      'shop.yaml:10 variable-unset one',
    ],
    [
      'a variable that a patch brought',
      problem('variable-unset', { object: 0, field: 'spec.image', what: '${IMAGE} is not set' }),
      'patch.yaml:2 variable-unset one',
    ],
    ['a file', problem('render-failed', { file: 'patch.yaml', line: 2 }), 'patch.yaml:2 render-failed one'],
    ['a file that is no YAML', problem('not-yaml', { file: 'bad.yaml', line: 2 }), 'bad.yaml:4 not-yaml one'],
    ['a Kustomization', problem('render-failed'), 'one/apps.yaml:1 render-failed one'],
  ])('%s', (_, one, expected) => {
    expect(placed(one)).toEqual([expected]);
  });

  test('those of the platform are not held against others', () => {
    const entry = tree(files, cluster('one', [problem('entry-variable', { object: 0, field: 'spec.replicas' })]));
    expect(findFindings(entry, { checks: [] }).map(short)).toEqual(['shop.yaml:6 entry-variable one']);
    expect(findFindings(entry, { checks: [], general: true })).toEqual([]);
  });

  test('one that nobody wrote a text for is a mistake of the program', () => {
    expect(() => placed(problem('news'))).toThrow('problemKinds.ts does not know');
  });

  test('every kind says why and what to do, in a sentence and without end mark', () => {
    for (const [id, { why, todo }] of Object.entries(problemKinds)) {
      expect([id, why]).toEqual([id, expect.stringMatching(/^[A-Z].*\.$/)]);
      expect([id, todo]).toEqual([id, expect.stringMatching(/^[a-z].*[^.]$/)]);
    }
  });
});

describe('findings', () => {
  const at = { file: 'shop.yaml', line: 1 };
  const raw = { at, object: 'Deployment shop', what: 'what', todo: 'todo' };

  test('equal ones of several clusters are one, and all are sorted', () => {
    const same = problem('schema-invalid', { object: 0, field: 'spec.paused' });
    const two = tree(files, cluster('two', [same]), cluster('one', [same]));
    const rules = [
      check('b-check', {
        *run() {
          yield { ...raw, clusters: ['two'] };
          yield raw;
        },
      }),
      check('a-check', {
        *run() {
          yield { ...raw, at: { file: 'a.yaml', line: 9 } };
        },
      }),
    ];
    expect(findFindings(two, { checks: rules }).map(short)).toEqual([
      'a.yaml:9 a-check one+two',
      'shop.yaml:1 b-check one+two',
      'shop.yaml:7 schema-invalid one+two',
    ]);
  });

  test('nothing follows from an entry point that cannot be rendered', () => {
    const broken = tree(
      files,
      cluster('one', [problem('render-failed', { file: 'x.yaml' })], true),
      cluster('two', []),
    );
    const rules = [
      check('on-it', { run: () => [{ ...raw, clusters: ['one'] }] }),
      check('on-both', { run: () => [{ ...raw, clusters: ['one', 'two'] }] }),
    ];
    expect(findFindings(broken, { checks: rules }).map(short)).toEqual([
      'shop.yaml:1 on-both one+two',
      'x.yaml:1 render-failed one',
    ]);
  });

  test('a general run has only general rules', () => {
    const rules = [check('ours', { set: 'platform', run: () => [raw] }), check('all', { run: () => [raw] })];
    expect(findFindings(tree(files, {}), { checks: rules, general: true }).map(({ id }) => id)).toEqual(['all']);
  });
});

test.each([
  ['spec.values.list[0].a', ['spec', 'values', 'list', 0, 'a']],
  ['metadata.labels["app.kubernetes.io/name"]', ['metadata', 'labels', 'app.kubernetes.io/name']],
  ['metadata.labels[a.b/c]', ['metadata', 'labels', 'a.b/c']],
  ['', []],
])('parsePath(%j)', (text, path) => {
  expect(parsePath(text)).toEqual(path);
});
