import type { Check, Finding } from '../../gitops/checks/check';
import { collectFindings, parsePath } from '../../gitops/findings';
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
const summary = ({ id, file, line, clusters }: Finding): string => `${file}:${line} ${id} ${clusters.join('+')}`;
const check = (id: string, rest: Partial<Check> = {}): Check => ({
  id,
  severity: 'warning',
  set: 'general',
  why: 'why',
  run: () => [],
  ...rest,
});

describe('renderer problems', () => {
  const summaries = (rendererProblem: TreeProblem): string[] =>
    collectFindings(tree(files, cluster('one', [rendererProblem])), { checks: [] }).findings.map(summary);

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
      'a variable in a multi-line string',
      problem('variable-unset', { object: 0, field: 'spec.text', what: '${LATE} is not set' }),
      'shop.yaml:10 variable-unset one',
    ],
    [
      'a variable that a patch added',
      problem('variable-unset', { object: 0, field: 'spec.image', what: '${IMAGE} is not set' }),
      'patch.yaml:2 variable-unset one',
    ],
    ['a file', problem('render-failed', { file: 'patch.yaml', line: 2 }), 'patch.yaml:2 render-failed one'],
    ['a file with invalid YAML', problem('not-yaml', { file: 'bad.yaml', line: 2 }), 'bad.yaml:4 not-yaml one'],
    ['a Kustomization', problem('render-failed'), 'one/apps.yaml:1 render-failed one'],
  ])('%s', (_, rendererProblem, expected) => {
    expect(summaries(rendererProblem)).toEqual([expected]);
  });

  test('a general run omits platform problems', () => {
    const entry = tree(files, cluster('one', [problem('entry-variable', { object: 0, field: 'spec.replicas' })]));
    expect(collectFindings(entry, { checks: [] }).findings.map(summary)).toEqual(['shop.yaml:6 entry-variable one']);
    expect(collectFindings(entry, { checks: [], general: true }).findings).toEqual([]);
  });

  test('an id without an entry in problemKinds is a program error', () => {
    expect(() => summaries(problem('unknown'))).toThrow('unknown, which is missing in gitops/problemKinds.ts');
  });

  test('every kind has a why that is a sentence and a todo without a final period', () => {
    for (const [id, { why, todo }] of Object.entries(problemKinds)) {
      expect([id, why]).toEqual([id, expect.stringMatching(/^[A-Z].*\.$/)]);
      expect([id, todo]).toEqual([id, expect.stringMatching(/^[a-z].*[^.]$/)]);
    }
  });
});

describe('findings', () => {
  const at = { file: 'shop.yaml', line: 1 };
  const raw = { at, object: 'Deployment shop', what: 'what', todo: 'todo' };

  test('are merged across clusters and sorted', () => {
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
    expect(collectFindings(two, { checks: rules }).findings.map(summary)).toEqual([
      'a.yaml:9 a-check one+two',
      'shop.yaml:1 b-check one+two',
      'shop.yaml:7 schema-invalid one+two',
    ]);
  });

  test('of checks are omitted for a cluster whose entry point cannot be rendered', () => {
    const broken = tree(
      files,
      cluster('one', [problem('render-failed', { file: 'x.yaml' })], true),
      cluster('two', []),
    );
    const rules = [
      check('on-it', { run: () => [{ ...raw, clusters: ['one'] }] }),
      check('on-both', { run: () => [{ ...raw, clusters: ['one', 'two'] }] }),
    ];
    expect(collectFindings(broken, { checks: rules }).findings.map(summary)).toEqual([
      'shop.yaml:1 on-both one+two',
      'x.yaml:1 render-failed one',
    ]);
  });

  test('what a rule did not check is merged over clusters, and places are added', () => {
    const two = tree(files, cluster('one', []), cluster('two', []));
    const rule = check('a-rule', {
      *run({ clusters }) {
        for (const one of clusters) {
          yield { places: 2 };
          yield { cluster: one, object: one.objects[0], path: ['spec', 'paused'], reason: 'unknown', what: 'it' };
        }
        yield { cluster: two.clusters[0]!, path: [], reason: 'unknown', what: 'all' };
      },
    });
    const { findings, notChecked, places } = collectFindings(two, { checks: [rule, check('other')] });
    const rest = { rule: 'a-rule', reason: 'unknown' };
    expect([findings, places]).toEqual([[], { 'a-rule': 4 }]);
    expect(notChecked).toEqual([
      { ...rest, object: 'Deployment shop', clusters: ['one', 'two'], file: 'shop.yaml', line: 7, what: 'it' },
      { ...rest, object: 'cluster one', clusters: ['one'], file: 'one/apps.yaml', line: 1, what: 'all' },
    ]);
  });

  test('of rules about what is absent are left out where something cannot be rendered, which is counted', () => {
    const half = tree(
      files,
      {
        ...cluster('one', []),
        kustomizations: [kustomization('a/entry'), kustomization('a/b', { skipped: 'failed' })],
      },
      cluster('two', []),
    );
    const seen: string[] = [];
    const rule = (id: string, needs?: Check['needs']): Check =>
      check(id, {
        needs,
        *run(judged) {
          for (const { name } of judged.clusters) seen.push(`${id} ${name}`);
        },
      });
    const rules = [rule('any'), rule('of-clusters', 'wholeCluster'), rule('of-all', 'wholeTree')];
    const { notChecked } = collectFindings(half, { checks: rules });
    expect(seen).toEqual(['any one', 'any two', 'of-clusters two']);
    expect(notChecked.map(({ rule: id, object: about }) => `${id}: ${about}`)).toEqual([
      'of-clusters: cluster one',
      'of-all: cluster one',
    ]);
  });

  test.each(['sops-encrypted', 'value-of-an-external-secret'])('that rest on %s are not checked', (value) => {
    const rules = [check('a-check', { run: () => [{ ...raw, what: `sets ${value}` }] })];
    const { findings, notChecked } = collectFindings(tree(files, {}), { checks: rules });
    expect(findings).toEqual([]);
    expect(notChecked.map(({ rule, what }) => `${rule} ${what}`)).toEqual([`a-check sets ${value}`]);
  });

  test('about a Secret that another repository does not have are not checked', () => {
    const flux = (kind: string) => {
      const spec = { postBuild: { substituteFrom: [{ kind, name: 'a' }] } };
      const declared = {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'a' },
        spec,
      };
      const field = 'spec.postBuild.substituteFrom[0].name';
      return tree(files, {
        objects: [treeObject(declared, 'shop.yaml')],
        problems: [problem('substitute-from-missing', { object: 0, field })],
      });
    };
    const counts = (kind: string, general: boolean): number[] => {
      const { findings, notChecked } = collectFindings(flux(kind), { checks: [], general });
      return [findings.length, notChecked.length];
    };
    expect([counts('Secret', true), counts('ConfigMap', true), counts('Secret', false)]).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  test('of a general run come only from general rules', () => {
    const rules = [check('ours', { set: 'platform', run: () => [raw] }), check('all', { run: () => [raw] })];
    expect(collectFindings(tree(files, {}), { checks: rules, general: true }).findings.map(({ id }) => id)).toEqual([
      'all',
    ]);
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
