import { failed, failedBy, judged, type Line, ok, skipped } from '../../../cli/preflight/checkResult';
import { table } from '../../../cli/preflight/print';
import { showProgress } from '../../../cli/preflight/progress';
import { runGroups } from '../../../cli/preflight/runGroups';
import { causeOf } from '../../../cli/preflight/causeOf';

const lines: Line[] = [
  ok({ id: 'a', what: 'first' }, 'is there'),
  failed({ id: 'b', what: 'the second' }, 'one\ntwo', 'mend it'),
  skipped({ id: 'c', what: 'third' }, 'because of: the second'),
];

test('the table', () => {
  expect(table({ stack: 'east', ok: false, lines })).toBe(`ok       first       is there
FAILED   the second  one
         two
         what to do: mend it
skipped  third       because of: the second

preflight of east: 1 ok, 1 failed, 1 skipped`);
});

describe('a line', () => {
  const asked = { id: 'a', what: 'first' };

  test('of several faults says each once', () => {
    const faults = [
      { why: 'x', fix: 'mend' },
      { why: 'y', fix: 'mend' },
    ];
    expect(judged(asked, faults, '')).toEqual(failed(asked, 'x; y', 'mend'));
    expect(judged(asked, [], 'fine')).toEqual(ok(asked, 'fine'));
  });

  test('of an error takes what to do from it, if it says so', () => {
    expect(failedBy(asked, new Error('x; y; mend it'), 'otherwise')).toEqual(failed(asked, 'x; y', 'mend it'));
    expect(failedBy(asked, new Error('x'), 'otherwise')).toEqual(failed(asked, 'x', 'otherwise'));
    expect(failedBy(asked, new Error('x; y\nz; a'), 'otherwise')).toEqual(failed(asked, 'x; y\nz; a', 'otherwise'));
    expect(failedBy(asked, 'thrown', 'otherwise').why).toBe('thrown');
  });
});

test('the innermost cause is shown', () => {
  expect(causeOf(new TypeError('fetch failed', { cause: new AggregateError([new Error('refused')], '') }))).toBe(
    'refused',
  );
  expect(causeOf(new Error('plain'))).toBe('plain');
});

describe('progress', () => {
  const screen = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, columns: 40, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
  };

  test('groups run side by side, keep their order, and one that throws is one red line', async () => {
    const file = screen(false);
    const gate: (() => void)[] = [];
    const opened = new Promise<void>((resolve) => gate.push(resolve));
    const groups = [
      { name: 'late', ask: () => opened.then(() => [lines[0], lines[2]] as Line[]) },
      {
        name: 'bad',
        ask: async (): Promise<Line[]> => {
          gate[0]?.();
          throw new Error('broken; mend it');
        },
      },
    ];
    expect(await runGroups(groups, showProgress(file))).toEqual([
      lines[0],
      lines[2],
      failed({ id: 'group:bad', what: 'bad' }, 'broken', 'mend it'),
    ]);
    expect(file.written.sort()).toEqual(['preflight: bad: 1 failed\n', 'preflight: late: 1 ok, 1 skipped\n']);
  });

  test('a terminal has one line that changes', () => {
    const terminal = screen(true);
    const progress = showProgress(terminal);
    progress.begun('nodes');
    progress.begun('a group with a name that is far too long');
    progress.ended('nodes', lines);
    progress.note('tools: building');
    progress.close();
    expect(terminal.written).toEqual([
      '\r\x1b[K0 asked, 0 failed; waiting for: nodes',
      '\r\x1b[K0 asked, 0 failed; waiting for: nodes, ',
      '\r\x1b[K3 asked, 1 failed; waiting for: a group',
      '\r\x1b[Kpreflight: tools: building\n',
      '\r\x1b[K3 asked, 1 failed; waiting for: a group',
      '\r\x1b[K',
    ]);
  });
});
