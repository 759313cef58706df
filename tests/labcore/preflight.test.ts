import type { Line } from '../../cli/preflight/checkResult';
import { redLines } from '../../lab/up/preflight';
import { orderOf } from '../../lab/up/runStacks';

test('of a red preflight only what is red is told, with what to do', () => {
  const lines: Line[] = [
    { id: 'a', what: 'branch main', state: 'ok', why: 'at 0123', fix: '' },
    { id: 'b', what: 'node east-1', state: 'failed', why: 'does not answer', fix: 'start it' },
    { id: 'c', what: '1Password vault x', state: 'skipped', why: 'because of: 1Password', fix: '' },
    { id: 'd', what: 'BIND', state: 'failed', why: 'is silent', fix: 'start BIND' },
  ];
  expect(redLines({ stack: 'east', ok: false, lines })).toBe(
    'stack east: preflight is red, nothing was changed; ask again with: npm run lab -- preflight --stack east\n' +
      '  node east-1: does not answer; start it\n' +
      '  BIND: is silent; start BIND',
  );
});

test('an order names every cluster once', () => {
  expect(orderOf('west, east', ['east', 'west'])).toEqual(['west', 'east']);
  for (const text of ['', 'east', 'east,east', 'east,west,east', 'east,north']) {
    expect(() => orderOf(text, ['east', 'west'])).toThrow(
      new Error(`--order ${text}: name every cluster once, in the order you want: east,west`),
    );
  }
});
