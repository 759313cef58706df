import { styleText } from 'node:util';
import { estimateKey, wholeKey, type Estimates } from './estimates';
import { amountOf, elapsedOf, fractionOf, listed, nextLabels, timeOf, wholeFraction } from './phrases';
import type { Step, View } from './steps';
import { fit, oneLine, truncate, widthOf } from './text';

/** The terminal that a frame must fit. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Colour = 'green' | 'red' | 'cyan' | 'dim';

const labelColumns = 24;
const barColumns = 16;
const indent = '  ';

/**
 * The part of the screen that is redrawn: each running step with what it waits for, what comes next, and the command as a
 * whole. Every line fits the screen, and so does the frame: the details go first, then the last steps.
 */
export function liveFrame(view: View, estimates: Estimates, now: number, screen: Screen): string[] {
  // A line as wide as the screen would make some terminals wrap.
  const columns = Math.max(1, screen.columns - 1);
  const running = view.steps.filter(({ state }) => state === 'running');
  const labels = Math.min(labelColumns, Math.max(0, ...running.map(({ label }) => widthOf(label))));
  const next = nextLabels(view);
  const foot = [
    ...(next.length === 0 ? [] : [paint('dim', truncate(`${indent}next: ${next.join(', ')}`, columns), screen)]),
    wholeLine(view, estimates, now, columns, screen),
  ];
  const room = Math.max(1, screen.rows - 1 - foot.length);
  const lines = running.map((step) => stepLines(step, labels, estimates, now, columns, screen));
  const detailed = lines.flat();
  const brief = lines.map(([line = '']) => line);
  return [...(detailed.length <= room ? detailed : clip(brief, room)), ...foot];
}

/** The line that stays on the screen when a step ends. */
export function endedLine(step: Step, estimates: Estimates, now: number, { colour }: Pick<Screen, 'colour'>): string {
  const failed = step.state === 'failed';
  const mark = paint(failed ? 'red' : 'green', failed ? '✗' : '✓', { colour });
  const time = timeOf(elapsedOf(step, now), estimates[estimateKey(step)]);
  const label = widthOf(step.label) > labelColumns ? `${step.label} ` : fit(step.label, labelColumns);
  return `${mark} ${label} ${failed ? 'failed after ' : ''}${listed(time, step.detail)}`;
}

function stepLines(
  step: Step,
  labels: number,
  estimates: Estimates,
  now: number,
  columns: number,
  screen: Screen,
): string[] {
  const time = timeOf(elapsedOf(step, now), estimates[estimateKey(step)]);
  const parts = listed(step.way ?? '', amountOf(step.amount), time);
  const head = `${indent}${fit(step.label, labels)}  `;
  const bar = barOf(fractionOf(step, estimates, now));
  const line = truncate(`${head}${bar}  ${parts}`, columns);
  const detail = oneLine(step.detail);
  return [
    line.startsWith(head + bar) ? head + paint('cyan', bar, screen) + line.slice((head + bar).length) : line,
    ...(detail === '' ? [] : [paint('dim', truncate(`${indent}${indent}${detail}`, columns), screen)]),
  ];
}

function wholeLine(view: View, estimates: Estimates, now: number, columns: number, screen: Screen): string {
  const fraction = wholeFraction(view, estimates, now);
  const bar = fraction === undefined ? '' : `${barOf(fraction)} ${Math.floor(fraction * 100)} %`;
  const time = timeOf(now - view.startedAt, estimates[wholeKey(view)]);
  const finished = view.steps.filter(({ state }) => state === 'done').length;
  const all = view.steps.filter(({ state }) => state !== 'skipped').length;
  const text = `${view.title}: ${listed(bar, time, `${finished} of ${all} steps done`)}`;
  return paint('cyan', truncate(text, columns), screen);
}

/** A bar; dots without a fraction, so that nothing looks measured that is not. */
function barOf(fraction: number | undefined): string {
  if (fraction === undefined) return '·'.repeat(barColumns);
  const full = Math.floor(fraction * barColumns);
  return '█'.repeat(full) + '░'.repeat(barColumns - full);
}

function clip(lines: readonly string[], room: number): string[] {
  if (lines.length <= room) return [...lines];
  const kept = lines.slice(0, room - 1);
  return [...kept, `${indent}… and ${lines.length - kept.length} more running`];
}

function paint(colour: Colour, text: string, screen: Pick<Screen, 'colour'>): string {
  return screen.colour && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}
