import { estimatesFile, learn, readEstimates, saveEstimates } from './estimates';
import { liveRenderer } from './liveRenderer';
import { plainRenderer } from './plainRenderer';
import type { DisplayStream } from './renderer';
import { applyUpdate, emptyView, endView, type StepSink, type View } from './steps';

/** Options of {@link startDisplay}. */
export interface DisplayOptions {
  /** What runs, such as `lab up`. */
  title: string;
  /** Kind of run that shares estimates, such as `lab-up`. */
  estimates: string;
  stream: DisplayStream;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Start of the command, if earlier than now. */
  startedAt?: number;
}

/** The display of a running command. */
export interface Display {
  readonly step: StepSink;
  /** Prints a line that stays. */
  readonly log: (line: string) => void;
  /** Ends the display. After a failure, the steps that were running have failed, for the reason if there is one. */
  readonly end: (outcome: 'done' | 'failed', reason?: string) => void;
}

const tickMilliseconds = 250;

/** Whether the stream is a terminal that can redraw lines, and a person watches it. */
export function isLive(stream: DisplayStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && !env.CI;
}

/**
 * Shows a command's steps until `end`: on a terminal as one view that is redrawn in place, otherwise line by line.
 *
 * Why not listr2 or log-update: both run or redraw tasks, which are 20 lines here; what is left is this project's (events
 * of other processes, estimates, heartbeats, folded details). Their versions that still get fixes are ES modules, which jest
 * cannot load here.
 */
export function startDisplay(options: DisplayOptions): Display {
  const { title, stream, env = process.env, now = Date.now } = options;
  const file = estimatesFile(options.estimates);
  const known = readEstimates(file);
  let view = emptyView(title, options.startedAt ?? now());
  const renderer = isLive(stream, env)
    ? liveRenderer(stream, known, now)
    : plainRenderer((line) => stream.write(`${line}\n`), view.startedAt, known, now);
  const change = (after: View): void => {
    const before = view;
    view = after;
    renderer.change(before, after);
  };
  const timer = setInterval(() => renderer.tick(view), tickMilliseconds).unref();
  let ended = false;
  // `process.exit` in a signal handler must not leave the terminal without a cursor.
  const onExit = (): void => renderer.end();
  process.once('exit', onExit);
  return {
    step: (update) => {
      if (ended) return;
      if (update.note !== undefined) renderer.note(update.note);
      change(applyUpdate(view, update, now()));
    },
    log: (line) => (ended ? void stream.write(`${line}\n`) : renderer.log(line)),
    end(outcome, reason) {
      if (ended) return;
      change(endView(view, outcome, now(), reason));
      saveEstimates(file, learn(known, view, outcome, now()));
      ended = true;
      clearInterval(timer);
      process.removeListener('exit', onExit);
      renderer.end();
    },
  };
}
