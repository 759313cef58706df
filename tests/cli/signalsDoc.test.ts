import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { signalsDocFile, withSignalsTable } from '../../cli/signalsDoc';
import { signalRules } from '../../gitops/signals/registry';

const page = readFileSync(join(resolve(__dirname, '../..'), signalsDocFile), 'utf8');

test('the page has the table of signals; `npm run docs` writes it', () => {
  expect(withSignalsTable(page)).toBe(page);
  for (const { id } of signalRules) expect(page).toContain(`| \`${id}\` |`);
});

test('reasons and advice are clauses that fit into one sentence', () => {
  for (const { why, todo, when } of signalRules) {
    for (const text of [why, todo, when]) expect(text).not.toMatch(/^(The|It|A|An|This)\b|[.;]$/);
  }
});
