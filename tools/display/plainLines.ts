import { estimateKey, wholeKey, type Estimates } from './estimates';
import { amountOf, elapsedOf, listed, timeOf, usualOf } from './phrases';
import type { Step, View } from './steps';

/** With no other line for this long, the heartbeat says what is going on: a line at least every 15 s. */
export const heartbeatMilliseconds = 14_000;

/**
 * The lines for a log that tell how the view changed: a line when a step starts, in another way, or ends. Details do not
 * get lines of their own; the heartbeat has the latest.
 */
export function changeLines(before: View, after: View, estimates: Estimates, now: number): string[] {
  const known = new Map(before.steps.map((step) => [step.id, step]));
  return after.steps.flatMap((step) => {
    const earlier = known.get(step.id);
    if (earlier?.state === step.state && earlier.startedAt === step.startedAt) return [];
    switch (step.state) {
      case 'running':
        return [startedLine(step, estimates)];
      case 'done':
      case 'failed':
        return [endedLine(step, estimates, now)];
      default:
        return [];
    }
  });
}

/** One line per running step, with elapsed time, estimate and latest detail; one for the command if none is running. */
export function heartbeatLines(view: View, estimates: Estimates, now: number): string[] {
  const running = view.steps.filter(({ state }) => state === 'running');
  if (running.length === 0) return [`${view.title}: ${timeOf(now - view.startedAt, estimates[wholeKey(view)])}`];
  return running.map((step) => {
    const time = timeOf(elapsedOf(step, now), estimates[estimateKey(step)]);
    return `${step.label}: ${listed(amountOf(step.amount), time, step.detail)}`;
  });
}

function startedLine(step: Step, estimates: Estimates): string {
  return `${step.label}: ${listed(step.way ?? 'started', usualOf(estimates[estimateKey(step)]))}`;
}

function endedLine(step: Step, estimates: Estimates, now: number): string {
  const time = timeOf(elapsedOf(step, now), estimates[estimateKey(step)]);
  return `${step.label}: ${listed(`${step.state} after ${time}`, step.detail)}`;
}
