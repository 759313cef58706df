import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { isLive, startDisplay } from '../../../tools/display/display';
import { estimatesFile, learn, readEstimates, saveEstimates } from '../../../tools/display/estimates';
import type { DisplayStream } from '../../../tools/display/renderer';
import { applyUpdate, emptyView, type StepUpdate, type View } from '../../../tools/display/steps';
import { Terminal } from '../support/terminal';

const cache = mkdtempSync(join(tmpdir(), 'display-'));
const before = process.env.XDG_CACHE_HOME;
beforeAll(() => (process.env.XDG_CACHE_HOME = cache));
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(cache, { recursive: true, force: true });
});
beforeEach(() => jest.useFakeTimers({ now: 0 }));
afterEach(() => jest.useRealTimers());

/** A display on a stream. Each test has estimates of its own. */
let runs = 0;
const show = (stream: DisplayStream) => startDisplay({ title: 'run', estimates: `test-${runs++}`, stream, env: {} });

/** A stream that is not a terminal. */
function pipe(): { lines: string[]; stream: DisplayStream } {
  const lines: string[] = [];
  return { lines, stream: { write: (text) => lines.push(text.replace(/\n$/, '')) } };
}

test('only a terminal that can redraw, and that no CI reads, gets the live view', () => {
  const terminal = { isTTY: true, write: () => undefined };
  expect(isLive(terminal, { TERM: 'xterm' })).toBe(true);
  expect(isLive(terminal, { TERM: 'dumb' })).toBe(false);
  expect(isLive(terminal, { TERM: 'xterm', CI: 'true' })).toBe(false);
  expect(isLive({ write: () => undefined }, { TERM: 'xterm' })).toBe(false);
});

describe('line by line', () => {
  test('silence ends after less than 15 s, with the latest detail', () => {
    const { lines, stream } = pipe();
    const display = show(stream);
    display.step({ id: 'build', state: 'running', detail: 'first' });
    jest.advanceTimersByTime(13_900);
    display.step({ id: 'build', detail: 'second\nline' });
    jest.advanceTimersByTime(1_000);
    display.log('a line');
    jest.advanceTimersByTime(14_200);
    display.end('done');
    jest.advanceTimersByTime(60_000);
    expect(lines).toEqual([
      '   0s  build: started',
      '  14s  build: 14s, second line',
      '  15s  a line',
      '  29s  build: 29s, second line',
      '  29s  build: done after 29s',
    ]);
  });

  test('a note is a line here, and none on a terminal', () => {
    const { lines, stream } = pipe();
    const terminal = new Terminal(80, 24);
    for (const display of [show(stream), show(terminal)]) {
      display.step({ id: 'a', state: 'running' });
      display.step({ id: 'a', detail: 'web ready', note: 'web ready' });
      display.end('done');
    }
    expect(lines).toEqual(['   0s  a: started', '   0s  web ready', '   0s  a: done after 0.0s']);
    expect(terminal.screen()).toBe('✓ a                        0.0s');
  });

  test('a failure names the running steps; later lines and updates do not disturb', () => {
    const { lines, stream } = pipe();
    const display = show(stream);
    display.step({ id: 'a', state: 'running', detail: 'waiting for b' });
    display.end('failed');
    display.end('done');
    display.step({ id: 'c', state: 'running' });
    display.log('error: message');
    expect(lines).toEqual(['   0s  a: started', '   0s  a: failed after 0.0s, waiting for b', 'error: message']);
  });
});

describe('on a terminal', () => {
  test('lines that stay are above the frame, and only they are left', () => {
    const terminal = new Terminal(80, 24);
    const display = show(terminal);
    display.step({ id: 'a', state: 'running', detail: 'waiting for 27' });
    display.step({ id: 'b', state: 'waiting' });
    display.log('a line');
    jest.advanceTimersByTime(2_000);
    expect(terminal.cursorVisible).toBe(false);
    expect(terminal.screen()).toBe(
      'a line\n  a  ················  2.0s\n    waiting for 27\n  next: b\nrun: 2.0s, 0 of 2 steps done',
    );
    display.step({ id: 'a', state: 'done' });
    display.step({ id: 'b', state: 'running' });
    display.end('failed');
    display.log('error: message');
    expect(terminal.screen()).toBe(
      'a line\n✓ a                        2.0s\n✗ b                        failed after 0.0s\nerror: message',
    );
    expect(terminal.cursorVisible).toBe(true);
  });

  test('a terminal that becomes narrower keeps no rest of the old frame', () => {
    const terminal = new Terminal(80, 24);
    const display = show(terminal);
    display.step({ id: 'a', state: 'running', detail: 'x'.repeat(70) });
    jest.advanceTimersByTime(1_000);
    // The terminal wraps what is on the screen.
    const wide = terminal.lines;
    terminal.columns = 30;
    terminal.lines = [''];
    Object.assign(terminal, { row: 0 });
    terminal.write(wide.join('\n'));
    jest.advanceTimersByTime(1_000);
    expect(terminal.screen()).toBe(`  a  ················  2.0s\n    ${'x'.repeat(24)}…\nrun: 2.0s, 0 of 1 steps done`);
    display.end('done');
  });

  test('an unchanged frame is not written again', () => {
    const written: string[] = [];
    const display = show({ isTTY: true, columns: 80, rows: 24, write: (text) => written.push(text) });
    display.step({ id: 'a', state: 'running' });
    jest.advanceTimersByTime(20_000);
    const count = written.length;
    jest.advanceTimersByTime(500);
    expect(written.length - count).toBeLessThanOrEqual(1);
    display.end('done');
  });
});

describe('estimates', () => {
  const view = (...updates: [number, StepUpdate][]): View =>
    updates.reduce((state, [now, update]) => applyUpdate(state, update, now), emptyView('run', 0));

  test('a run teaches what its completed steps took', () => {
    const ended = view(
      [0, { id: 'tools', state: 'running', way: '2 missing' }],
      [0, { id: 'tools/etcd', state: 'running', way: 'build' }],
      [12_340, { id: 'tools/etcd', state: 'done' }],
      [13_000, { id: 'tools', state: 'done' }],
      [13_000, { id: 'core', state: 'running' }],
      [14_000, { id: 'core', state: 'failed' }],
      [14_000, { id: 'skipped', state: 'skipped' }],
    );
    const known = { core: 9, other: 1, 'tools/etcd build': 99 };
    const learned = { core: 9, other: 1, 'tools/etcd build': 12.3, 'tools 2 missing': 13 };
    expect(learn(known, ended, 'failed', 20_000)).toEqual(learned);
    expect(learn(known, ended, 'done', 20_000)).toEqual({ ...learned, 'run, 2 missing': 20 });
  });

  test('are written atomically and read by the next run', () => {
    const file = join(cache, 'some', 'folder', 'x.json');
    saveEstimates(file, { a: 1.5 });
    expect(readEstimates(file)).toEqual({ a: 1.5 });
    expect(readdirSync(join(cache, 'some', 'folder'))).toEqual(['x.json']);
  });

  test('a missing or damaged file means no estimates, and an unwritable one no error', () => {
    const file = join(cache, 'damaged.json');
    expect(readEstimates(file)).toEqual({});
    writeFileSync(file, '{"a": 1, "b"');
    expect(readEstimates(file)).toEqual({});
    writeFileSync(file, '{"a": 1, "b": "secret", "c": null}');
    expect(readEstimates(file)).toEqual({ a: 1 });
    expect(() => saveEstimates(join(file, 'below-a-file.json'), { a: 1 })).not.toThrow();
  });

  test('a display uses and saves them', () => {
    const stream = pipe();
    mkdirSync(join(cache, 'k8s-gitops', 'durations'), { recursive: true });
    writeFileSync(estimatesFile('own'), '{"a": 5, "z": 2}');
    const display = startDisplay({ title: 'run', estimates: 'own', stream: stream.stream, env: {} });
    display.step({ id: 'a', state: 'running' });
    jest.advanceTimersByTime(3_000);
    display.end('done');
    expect(stream.lines).toEqual(['   0s  a: started, usually 5.0s', '   3s  a: done after 3.0s (usually 5.0s)']);
    expect(JSON.parse(readFileSync(estimatesFile('own'), 'utf8'))).toEqual({ a: 3, run: 3, z: 2 });
  });
});

// `script` (util-linux) gives the child a terminal; macOS has another program of this name.
(existsSync('/usr/bin/script') && process.platform === 'linux' ? test : test.skip)(
  'a real terminal of 80 columns, without colour',
  async () => {
    jest.useRealTimers();
    const demo = `node --import tsx ${join(__dirname, 'demo.ts')}`;
    const env = { XDG_CACHE_HOME: cache, NO_COLOR: '1', TERM: 'xterm', CI: '' };
    const { stdout } = await execa('script', ['-qec', `stty cols 80 rows 24; ${demo}`, '/dev/null'], { env });
    const terminal = new Terminal(80, 24);
    expect(stdout).toContain('\x1b[?25l');

    expect(stdout).not.toMatch(/\x1b\[\d+m/);
    terminal.write(stdout);
    expect(terminal.screen().replace(/\d+\.\ds/g, '0.0s')).toBe(
      'a line\n✓ first                    0.0s, 2 of 2\n✗ second                   failed after 0.0s, log: x\nerror: message',
    );
    expect(terminal.cursorVisible).toBe(true);
  },
  30_000,
);
