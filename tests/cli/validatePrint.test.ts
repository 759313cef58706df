import type { ValidateResult } from '../../cli/validate/options';
import { github, plain } from '../../cli/validate/print';

const result: ValidateResult = {
  findings: [
    {
      file: 'a,b.yaml',
      line: 3,
      id: 'image-latest',
      severity: 'error',
      object: 'Deployment shop/shop',
      clusters: ['one', 'two'],
      what: 'uses 100% latest',
      why: 'It moves.',
      todo: 'pin it',
    },
    {
      file: 'EXCEPTIONS.md',
      line: 5,
      id: 'exception-stale',
      severity: 'warning',
      object: 'x',
      clusters: [],
      what: 'what',
      why: 'why',
      todo: 'todo',
    },
  ],
  exempted: 2,
  objects: 10,
  kustomizations: 3,
  coverage: { checked: 1999, total: 2000, kindsWithout: ['a.b/v1/C'] },
  notChecked: [
    {
      rule: 'charts',
      object: 'HelmRelease a/b',
      clusters: ['one'],
      file: 'b.yaml',
      line: 1,
      reason: 'the chart was not pulled',
      what: 'the registry cannot be reached',
    },
  ],
  places: { 'image-latest': 7 },
  volumes: { objects: 9, backedUp: 2, exempt: 6 },
  seconds: 0.5,
};

const summary = [
  '2 findings (1 errors, 1 warnings), 2 exempted; 10 objects in 3 Kustomizations; 0.5 s',
  'checked by schema: 1999 of 2000 objects (99.9 %); kinds without a schema: a.b/v1/C',
  'volumes: 9 objects demand some; 2 backed up, 6 exempted',
];

test('prints findings and a summary for a terminal', () => {
  expect(plain(result, false).split('\n')).toEqual([
    'a,b.yaml:3: error image-latest (one, two)',
    '  Deployment shop/shop: uses 100% latest',
    '  why: It moves.',
    '  fix: pin it',
    '',
    'EXCEPTIONS.md:5: warning exception-stale',
    '  x: what',
    '  why: why',
    '  fix: todo',
    '',
    ...summary,
    'not checked: 1 (--verbose lists them)',
    '  1 × charts: the chart was not pulled',
  ]);
});

test.each([
  [['Service a/b'], 'Deployment shop/shop and Service a/b: uses'],
  [['Service a/b', 'Service a/c'], 'Deployment shop/shop and 2 more: uses'],
])('names the other objects of a cause', (also, text) => {
  const [first, ...others] = result.findings;
  const several = { ...result, findings: [{ ...first, also } as (typeof result.findings)[0], ...others] };
  expect(plain(several, false)).toContain(text);
  expect(github(several, false)).toContain(text);
});

test('lists what was not checked with --verbose', () => {
  expect(plain(result, true).split('\n').slice(-4)).toEqual([
    'places looked at: image-latest 7',
    'not checked: 1',
    '  1 × charts: the chart was not pulled',
    '    b.yaml:1: HelmRelease a/b: the registry cannot be reached',
  ]);
});

test('prints escaped GitHub annotations', () => {
  expect(github(result, false).split('\n')).toEqual([
    '::error file=a%2Cb.yaml,line=3,title=image-latest::Deployment shop/shop: uses 100%25 latest%0AIt moves.%0AFix: pin it%0AClusters: one, two',
    '::warning file=EXCEPTIONS.md,line=5,title=exception-stale::x: what%0Awhy%0AFix: todo',
    ...summary,
    'not checked: 1 (--verbose lists them)',
    '  1 × charts: the chart was not pulled',
  ]);
});

test('prints only the summary without findings', () => {
  const clean = {
    ...result,
    findings: [],
    exempted: 0,
    notChecked: [],
    places: {},
    coverage: { checked: 0, total: 0, kindsWithout: [] },
    volumes: { objects: 0, backedUp: 0, exempt: 0 },
  };
  expect(plain(clean, true)).toBe(
    '0 findings, 0 exempted; 10 objects in 3 Kustomizations; 0.5 s\nchecked by schema: 0 of 0 objects (0 %)',
  );
});

test('escapes what a reader would not see, and shortens what no one would read', () => {
  const [finding] = result.findings;
  const hidden = { ...finding!, what: `is "a\u202eb"\nand ${'x'.repeat(60_000)}`, object: 'File \u200bx' };
  for (const print of [plain, github]) {
    const text = print({ ...result, findings: [hidden] }, false);
    expect(text).toContain('File \\u200bx: is "a\\u202eb"');
    expect(text.length).toBeLessThan(3000);
  }
});
