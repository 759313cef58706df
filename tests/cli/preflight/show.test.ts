import {
  type CheckResult,
  failed,
  failedWith,
  ok,
  resultOf,
  skipped,
  warning,
} from '../../../cli/preflight/checkResult';
import { table } from '../../../cli/preflight/print';
import { showProgress } from '../../../cli/preflight/progress';
import { runGroups } from '../../../cli/preflight/runGroups';

const results: CheckResult[] = [
  ok({ id: 'a', what: 'first' }, 'exists'),
  failed({ id: 'b', what: 'the second' }, 'one\ntwo', 'fix it'),
  skipped({ id: 'c', what: 'third' }, 'depends on the second, which failed'),
];

test('the table lists every check, its fix and a summary', () => {
  expect(table({ stack: 'east', ok: false, results })).toBe(`ok       first       exists
FAILED   the second  one
         two
         fix: fix it
skipped  third       depends on the second, which failed

preflight of east: 1 ok, 1 failed, 1 skipped`);
});

test('a warning passes, and has a fix', () => {
  const due = [...results, warning({ id: 'd', what: 'fourth' }, 'expires', 'renew it')];
  expect(table({ stack: 'east', ok: false, results: due })).toContain(`WARNING  fourth      expires
         fix: renew it

preflight of east: 1 ok, 1 warning, 1 failed, 1 skipped`);
});

describe('a check result', () => {
  const check = { id: 'a', what: 'first' };

  test('combines several failures without repetition', () => {
    const failures = [
      { why: 'x', fix: 'fix it' },
      { why: 'y', fix: 'fix it' },
    ];
    expect(resultOf(check, failures, '')).toEqual(failed(check, 'x; y', 'fix it'));
    expect(resultOf(check, [], 'found')).toEqual(ok(check, 'found'));
  });

  test('takes the fix from an error that contains one', () => {
    expect(failedWith(check, new Error('x; y; fix it'), 'default')).toEqual(failed(check, 'x; y', 'fix it'));
    expect(failedWith(check, new Error('x'), 'default')).toEqual(failed(check, 'x', 'default'));
    expect(failedWith(check, new Error('x; y\nz; a'), 'default')).toEqual(failed(check, 'x; y\nz; a', 'default'));
    expect(failedWith(check, 'thrown', 'default').why).toBe('thrown');
  });
});

describe('progress', () => {
  const screen = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, columns: 40, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
  };

  test('groups run in parallel and keep their order, and one that throws is one failed result', async () => {
    const file = screen(false);
    const gate: (() => void)[] = [];
    const opened = new Promise<void>((resolve) => gate.push(resolve));
    const groups = [
      { name: 'late', run: () => opened.then(() => [results[0], results[2]] as CheckResult[]) },
      {
        name: 'bad',
        run: async (): Promise<CheckResult[]> => {
          gate[0]?.();
          throw new Error('broken; fix it');
        },
      },
    ];
    expect(await runGroups(groups, showProgress(file))).toEqual([
      results[0],
      results[2],
      failed({ id: 'group:bad', what: 'bad' }, 'broken', 'fix it'),
    ]);
    expect(file.written.sort()).toEqual(['preflight: bad: 1 failed\n', 'preflight: late: 1 ok, 1 skipped\n']);
  });

  test('redraws one line on a terminal', () => {
    const terminal = screen(true);
    const progress = showProgress(terminal);
    progress.started('nodes');
    progress.started('a group with a name that is far too long');
    progress.finished('nodes', results);
    progress.note('tools: building');
    progress.close();
    expect(terminal.written).toEqual([
      '\r\x1b[K0 checked, 0 failed; waiting for: nodes',
      '\r\x1b[K0 checked, 0 failed; waiting for: nodes',
      '\r\x1b[K3 checked, 1 failed; waiting for: a gro',
      '\r\x1b[Kpreflight: tools: building\n',
      '\r\x1b[K3 checked, 1 failed; waiting for: a gro',
      '\r\x1b[K',
    ]);
  });
});
