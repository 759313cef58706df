import type { CheckResult } from '../../cli/preflight/checkResult';
import { failedChecks } from '../../lab/up/preflight';
import { orderOf } from '../../lab/up/runStacks';

test('a failed preflight reports only the failed checks, with their fixes', () => {
  const results: CheckResult[] = [
    { id: 'a', what: 'branch main', state: 'ok', why: 'at 0123', fix: '' },
    { id: 'b', what: 'node east-1', state: 'failed', why: 'does not respond', fix: 'start it' },
    { id: 'c', what: '1Password vault x', state: 'skipped', why: 'because of: 1Password', fix: '' },
    { id: 'd', what: 'BIND', state: 'failed', why: 'no response', fix: 'start BIND' },
  ];
  expect(failedChecks({ stack: 'east', ok: false, results })).toBe(
    'stack east: preflight failed, nothing was changed; rerun it with: npm run lab -- preflight --stack east\n' +
      '  node east-1: does not respond; start it\n' +
      '  BIND: no response; start BIND',
  );
});

test('an order must name every cluster exactly once', () => {
  expect(orderOf('west, east', ['east', 'west'])).toEqual(['west', 'east']);
  for (const text of ['', 'east', 'east,east', 'east,west,east', 'east,north']) {
    expect(() => orderOf(text, ['east', 'west'])).toThrow(
      new Error(`--order ${text}: name every cluster once, in the order you want: east,west`),
    );
  }
});
