/** State of a step. A skipped step turned out to be unnecessary and is not displayed. */
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

/** How much of a step is done. The total is missing while no one knows it. */
export interface Amount {
  readonly done: number;
  readonly total?: number;
  readonly unit: 'items' | 'bytes';
}

/** A change of a step. What it leaves out stays as it is; the first update of an id adds the step. */
export interface StepUpdate {
  /** Unique. A step `a/b` is displayed after the last step `a` or `a/…`. */
  readonly id: string;
  /** Default: the id. */
  readonly label?: string;
  readonly state?: StepState;
  /** One of several ways to do the step, such as download or build, each with an estimate of its own. */
  readonly way?: string;
  /** What the step is doing or waiting for; the latest one replaces all earlier ones. */
  readonly detail?: string;
  readonly amount?: Amount;
  /** A line for logs: too much for a terminal, where the view shows as much. */
  readonly note?: string;
}

/** Receives the changes of steps. */
export type StepSink = (update: StepUpdate) => void;

/** A step as displayed. Times are milliseconds since the epoch. */
export interface Step {
  readonly id: string;
  readonly label: string;
  readonly state: StepState;
  readonly way?: string;
  readonly detail: string;
  readonly amount?: Amount;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** Everything that a command displays. */
export interface View {
  readonly title: string;
  readonly startedAt: number;
  /** In the order of the display. */
  readonly steps: readonly Step[];
}

/** A view without steps. */
export function emptyView(title: string, now: number): View {
  return { title, startedAt: now, steps: [] };
}

/** The view after an update. A step that another way replaces starts again. */
export function applyUpdate(view: View, update: StepUpdate, now: number): View {
  const at = view.steps.findIndex(({ id }) => id === update.id);
  const before = view.steps[at];
  const after = changed(before ?? { id: update.id, label: update.id, state: 'waiting', detail: '' }, update, now);
  if (before !== undefined) return { ...view, steps: view.steps.with(at, after) };
  return { ...view, steps: view.steps.toSpliced(placeOf(view.steps, update.id), 0, after) };
}

/** The view at the end of the command: after a success nothing waits any more, after a failure what ran has failed. */
export function endView(view: View, outcome: 'done' | 'failed', now: number, reason?: string): View {
  const left = outcome === 'done' ? 'skipped' : 'waiting';
  const steps = view.steps.map((step): Step => {
    if (step.state === 'waiting') return { ...step, state: left };
    return step.state === 'running' ? changed(step, { id: step.id, state: outcome, detail: reason }, now) : step;
  });
  return { ...view, steps };
}

function changed(step: Step, update: StepUpdate, now: number): Step {
  const state = update.state ?? step.state;
  const otherWay = update.way !== undefined && update.way !== step.way;
  const restarted = state === 'running' && (step.state !== 'running' || otherWay);
  const ended = state === 'done' || state === 'failed';
  return {
    id: step.id,
    label: update.label ?? step.label,
    state,
    way: update.way ?? step.way,
    // What a step waited for does not matter any more when it is done; after a failure it does.
    detail: update.detail ?? (restarted || state === 'done' ? '' : step.detail),
    amount: update.amount ?? (restarted && otherWay ? undefined : step.amount),
    startedAt: restarted ? now : (step.startedAt ?? (ended ? now : undefined)),
    endedAt: ended ? (step.endedAt ?? now) : undefined,
  };
}

function placeOf(steps: readonly Step[], id: string): number {
  const parent = id.slice(0, Math.max(0, id.lastIndexOf('/')));
  if (parent === '') return steps.length;
  const last = steps.findLastIndex((step) => step.id === parent || step.id.startsWith(`${parent}/`));
  return last < 0 ? steps.length : last + 1;
}
