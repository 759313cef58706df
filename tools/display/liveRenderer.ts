import type { Estimates } from './estimates';
import { endedLine, liveFrame, type Screen } from './liveFrame';
import type { DisplayStream, Renderer } from './renderer';
import { emptyView, type View } from './steps';
import { widthOf } from './text';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';

/** Redraws one frame in place on a terminal, below the lines that stay. */
export function liveRenderer(stream: DisplayStream, estimates: Estimates, now: () => number): Renderer {
  let drawn: string[] = [];
  let latest: View = emptyView('', now());
  const screen = (): Screen => ({
    // A terminal that does not know its size says 0.
    columns: stream.columns || 80,
    rows: stream.rows || 24,
    colour: stream.hasColors?.() ?? false,
  });
  /** Replaces the frame by lines that stay, and a new frame. One write, so that nothing flickers. */
  const draw = (stay: readonly string[], frame: readonly string[]): void => {
    if (stay.length === 0 && frame.join('\n') === drawn.join('\n')) return;
    const text = [...stay, ...frame].map((line) => `${line}\n`).join('');
    stream.write((drawn.length === 0 ? hideCursor : eraseRows(rowsOf(drawn, screen().columns))) + text);
    drawn = [...frame];
  };
  const frame = (): string[] => liveFrame(latest, estimates, now(), screen());
  return {
    change(before, after) {
      latest = after;
      const known = new Map(before.steps.map((step) => [step.id, step.state]));
      const ended = after.steps.filter(
        ({ id, state }) => (state === 'done' || state === 'failed') && known.get(id) !== state,
      );
      const stay = ended.map((step) => endedLine(step, estimates, now(), screen()));
      // Bytes and details change many times a second: the next tick shows them.
      if (stay.length > 0 || drawn.length === 0) draw(stay, frame());
    },
    note: () => undefined,
    log: (line) => draw([line], frame()),
    tick(view) {
      latest = view;
      draw([], frame());
    },
    end() {
      if (drawn.length > 0) stream.write(eraseRows(rowsOf(drawn, screen().columns)) + showCursor);
      drawn = [];
    },
  };
}

/** Rows that the lines take now: a terminal that became narrower has wrapped them. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns))), 0);
}

/** Moves up that many rows and erases everything below. */
function eraseRows(rows: number): string {
  return `\r\x1b[${rows}A\x1b[J`;
}
