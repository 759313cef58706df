import { startDisplay } from '../../tools/display/display';
import type { DisplayStream } from '../../tools/display/renderer';
import { terminalPicture } from '../../tools/display/picture';
import { widthOf } from '../../tools/display/text';
import { Terminal } from '../tools/support/terminal';
import { temporaryDir } from './helpers';
import { expectRecording } from './recording';
import { player, recordedUp } from './replay';

const cache = temporaryDir();
const before = process.env.XDG_CACHE_HOME;
beforeAll(() => (process.env.XDG_CACHE_HOME = cache));
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Plays the recorded `lab up`, and calls `at` at each of the moments (seconds). */
function play(
  stream: DisplayStream,
  moments: readonly number[] = [],
  at: (seconds: number) => void = () => undefined,
): void {
  jest.setSystemTime(0);
  const display = startDisplay({ title: 'lab up', estimates: 'lab-up', stream, env: {} });
  const show = player(display);
  const advanceTo = (seconds: number): void =>
    void jest.advanceTimersByTime(Math.max(0, Math.round(seconds * 1000) - Date.now()));
  const left = [...moments];
  for (const recorded of recordedUp()) {
    for (let next = left[0]; next !== undefined && next < recorded.at; next = left[0]) {
      advanceTo(next);
      at(next);
      left.shift();
    }
    advanceTo(recorded.at);
    show(recorded);
  }
  display.end('done');
}

/** The screen at each of the moments, and at the end. */
function screens(columns: number, moments: readonly number[]): string {
  const terminal = new Terminal(columns, 24);
  const parts: string[] = [];
  play(terminal, moments, (seconds) => parts.push(`--- after ${seconds} s, ${columns} columns\n${terminal.screen()}`));
  parts.push(`--- at the end\n${terminal.screen()}`);
  expect(terminal.cursorVisible).toBe(true);
  expect(terminal.lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  return `${parts.join('\n')}\n`;
}

// In this order: the first display of `lab up` has no estimates, and each display learns from the one before.
test('a first lab up on a terminal of 80 columns', () => {
  expectRecording('lab-up-first-80.txt', screens(80, [30, 75]));
});

test('lab up in CI prints a line at least every 15 s, and folds the waits', () => {
  let text = '';
  const times: number[] = [0];
  const write = (line: string): void => {
    text += line;
    times.push(Date.now() / 1000);
  };
  play({ write });
  expect(Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0)))).toBeLessThanOrEqual(15);
  expectRecording('lab-up-ci.txt', text);
});

test('a later lab up on a terminal of 120 columns', () => {
  const text = screens(120, [75, 300]);
  expectRecording('lab-up-later-120.txt', text);
  const [, screen = ''] = /^--- after 300 s.*\n([\s\S]*?)\n--- at the end$/m.exec(text) ?? [];
  expectRecording('lab-up.svg', terminalPicture('npm run lab', screen.split('\n')));
});
