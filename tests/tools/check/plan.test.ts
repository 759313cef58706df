import { planFor } from '../../../tools/check/plan';
import type { Row } from '../../../tools/check/touchMap';

const rows: Row[] = [
  { globs: ['**/*.ts'], runs: { lint: true, related: true } },
  { globs: ['net/**'], runs: { suites: ['tests/net', 'tests/net/deep'], lab: ['tests/lab/a.test.ts'] } },
  { globs: ['kubernetes/**'], runs: { scripts: ['validate'], suites: ['tests/net/deep'], lab: ['tests/lab'] } },
  { globs: ['.ci/*'], runs: {} },
];

test('a file runs what all its rows say', () => {
  expect(planFor(['net/a.ts'], rows)).toEqual({
    lint: ['net/a.ts'],
    related: ['net/a.ts'],
    suites: ['tests/net'],
    scripts: [],
    lab: ['tests/lab/a.test.ts'],
    reasons: [{ file: 'net/a.ts', globs: ['**/*.ts', 'net/**'] }],
    uncovered: [],
  });
});

test('what several files run, runs once; a folder includes what is below it', () => {
  const { suites, scripts, lab, lint } = planFor(['net/a.txt', 'kubernetes/b.yaml', 'kubernetes/a.yaml'], rows);
  expect({ suites, scripts, lab, lint }).toEqual({
    suites: ['tests/net'],
    scripts: ['validate'],
    lab: ['tests/lab'],
    lint: undefined,
  });
});

test('dotfiles are covered by a glob that names their folder; a file without a row is reported', () => {
  const { uncovered, reasons } = planFor(['.ci/run', 'unknown/file', 'kubernetes/.hidden'], rows);
  expect(uncovered).toEqual(['unknown/file']);
  expect(reasons.map(({ file }) => file)).toEqual(['.ci/run', 'kubernetes/.hidden']);
});

test('nothing changed, nothing runs', () => {
  expect(planFor([], rows)).toEqual({ related: [], suites: [], scripts: [], lab: [], reasons: [], uncovered: [] });
});
