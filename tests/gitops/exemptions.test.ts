import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../gitops/checks/check';
import { applyExemptions, exemptionsFile } from '../../gitops/exemptions';

const finding = (id: string, object: string): Finding => ({
  id,
  object,
  file: 'a.yaml',
  line: 3,
  severity: 'error',
  clusters: ['one'],
  what: 'what',
  why: 'why',
  todo: 'todo',
});
const table = (...rows: string[]): string =>
  ['# Exceptions', '', '| id | object | reason | owner | expires |', '|---|---|:-:|---|---|', ...rows, ''].join('\n');
const latest = finding('image-latest', 'Deployment shop/shop');
const run = (text: string | undefined, ...findings: Finding[]): { exempted: number; kept: string[] } => {
  const { kept, exempted } = applyExemptions(findings, text, '2025-11-01');
  return { exempted, kept: kept.map(({ file, line, id }) => `${file}:${line} ${id}`) };
};

test('a row exempts the object it names, including on its last day', () => {
  const row = '| `image-latest` | Deployment shop/shop | no tags | team | 2025-11-01 |';
  expect(run(table(row), latest, finding('image-latest', 'Deployment shop/other'))).toEqual({
    exempted: 1,
    kept: ['a.yaml:3 image-latest'],
  });
});

test('a trailing * matches any suffix', () => {
  const row = '| image-latest | Deployment shop/* | no tags, or \\| bars | team | 2026-01-01 |';
  expect(run(table(row), latest, finding('image-latest', 'Deployment shop/b'))).toEqual({ exempted: 2, kept: [] });
});

test('stale and expired rows are findings', () => {
  const rows = [
    '| image-latest | Deployment shop/shop | no tags | team | 2025-10-31 |',
    '| other | Deployment shop/shop | no tags | team | 2025-12-31 |',
  ];
  expect(run(table(...rows), latest)).toEqual({
    exempted: 0,
    kept: ['EXCEPTIONS.md:5 exception-expired', 'EXCEPTIONS.md:6 exception-stale', 'a.yaml:3 image-latest'],
  });
});

test('a row that was not checked is not stale', () => {
  const text = table('| image-latest | Deployment shop/shop | no tags | team | 2026-01-01 |');
  expect(applyExemptions([], text, '2025-11-01', () => false).kept).toEqual([]);
});

test.each([
  ['| image-latest | Deployment shop/shop | no tags | team |'],
  ['| image-latest | Deployment shop/shop | | team | 2026-01-01 |'],
  ['| image-latest | Deployment shop/shop | no tags | team | soon |'],
  ['| image-latest | Deployment shop/shop | no tags | team | 2026-02-30 |'],
  ['| image-latest | * | no tags | team | 2026-01-01 |'],
  ['| definition | Stack infra | later | team | 2026-01-01 |'],
])('%s is malformed', (row) => {
  expect(run(table(row), latest).kept).toEqual(['EXCEPTIONS.md:5 exception-malformed', 'a.yaml:3 image-latest']);
});

test('a missing file, an empty table and an unrelated table exempt nothing', () => {
  for (const text of [undefined, table(), '| a | b |\n|---|---|\n| image-latest | x |\n']) {
    expect(run(text, latest)).toEqual({ exempted: 0, kept: ['a.yaml:3 image-latest'] });
  }
});

test('EXCEPTIONS.md is well-formed', () => {
  const text = readFileSync(join(__dirname, '..', '..', exemptionsFile), 'utf8');
  expect(text).toContain('| id | object | reason | owner | expires |');
  expect(run(text).kept.filter((line) => line.includes('malformed'))).toEqual([]);
});
