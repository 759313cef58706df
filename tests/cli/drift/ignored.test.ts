import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Drift } from '../../../cli/drift/drift';
import { applyIgnoreList, readIgnoreList } from '../../../cli/drift/ignored';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-drift-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const row = (id: string, object: string, expires = '2026-12-31'): string =>
  `| ${id} | ${object} | why | me | ${expires} |`;
const read = (...rows: string[]) => {
  writeFileSync(
    join(root, 'DRIFT.md'),
    ['| id | object | reason | owner | expires |', '|---|---|---|---|---|', ...rows].join('\n'),
  );
  return readIgnoreList(root, '2026-11-29');
};
const drift = (id: string, object: string, field?: string): Drift => ({
  ...{ id, layer: 'flux', owner: 'someone', object, todo: 'fix it' },
  ...(field !== undefined && { field }),
});

test('a repository without a list ignores nothing', () => {
  expect(readIgnoreList(root, '2026-11-29')).toEqual({ rows: [], problems: [] });
});

test('a row accepts an object, one field of it, or what begins alike', () => {
  const { rows, problems } = read(
    row('flux-object', 'Deployment east/a'),
    row('flux-object', 'Deployment east/b spec.replicas'),
    row('machine-configuration', 'machine east-*'),
  );
  expect(problems).toEqual([]);
  const findings = [
    drift('flux-object', 'Deployment east/a'),
    drift('flux-object', 'Deployment east/a', 'spec.replicas'),
    drift('flux-object', 'Deployment east/b'),
    drift('flux-object', 'Deployment east/b', 'spec.replicas'),
    drift('flux-suspended', 'Deployment east/a'),
    drift('machine-configuration', 'machine east-01', 'machine.sysctls'),
    drift('machine-configuration', 'machine west-01', 'machine.sysctls'),
  ];
  const { reported, ignored } = applyIgnoreList(findings, rows);
  expect(reported).toEqual([findings[2], findings[4], findings[6]]);
  expect(ignored).toEqual([findings[0], findings[1], findings[3], findings[5]]);
});

test('expired and malformed rows ignore nothing, and are said', () => {
  const { rows, problems } = read(
    row('a', 'Node a', '2026-11-28'),
    row('b', 'Node b', 'soon'),
    row('c', '*'),
    row('d', 'Node d', '2026-11-29'),
  );
  expect(rows.map(({ id }) => id)).toEqual(['d']);
  expect(problems).toEqual([
    'DRIFT.md:4: the row soon is not a valid date; write the row as | id | object | reason | owner | expires |, with the date as YYYY-MM-DD',
    'DRIFT.md:5: the row exempts every object; list the intended ones; write the row as | id | object | reason | owner | expires |, with the date as YYYY-MM-DD',
    'DRIFT.md:3: the row for a expired on 2026-11-28; end the drift and remove the row, or set a new date',
  ]);
});
