import { estimateKey, wholeKey, type Estimates } from './estimates';
import type { Amount, Step, View } from './steps';
import { duration, megabytes, oneLine } from './text';

/** Shown of a step that is not done, however long it takes: an estimate is not a measurement. */
const mostUnfinished = 0.99;

/** How much of a running step is done, from 0 to 0.99; undefined if nothing is known. */
export function fractionOf(step: Step, estimates: Estimates, now: number): number | undefined {
  const { amount } = step;
  if (amount?.total !== undefined && amount.total > 0) return Math.min(mostUnfinished, amount.done / amount.total);
  return byTime(now - (step.startedAt ?? now), estimates[estimateKey(step)]);
}

/** How much of the whole command is done, by the duration of the last one; undefined without a last one. */
export function wholeFraction(view: View, estimates: Estimates, now: number): number | undefined {
  return byTime(now - view.startedAt, estimates[wholeKey(view)]);
}

function byTime(milliseconds: number, usualSeconds: number | undefined): number | undefined {
  if (usualSeconds === undefined || usualSeconds <= 0) return undefined;
  return Math.min(mostUnfinished, milliseconds / 1000 / usualSeconds);
}

/** 34s (usually 1m 52s); only the first part without an estimate or if the step usually takes no time. */
export function timeOf(milliseconds: number, usualSeconds: number | undefined): string {
  const usual = usualOf(usualSeconds);
  return duration(milliseconds) + (usual === '' ? '' : ` (${usual})`);
}

/** usually 1m 52s; empty without an estimate or if it is below a second. */
export function usualOf(usualSeconds: number | undefined): string {
  return usualSeconds === undefined || usualSeconds < 1 ? '' : `usually ${duration(usualSeconds * 1000)}`;
}

/** 12 of 37, 12.5 of 80.1 MB; empty if there is no amount. */
export function amountOf(amount: Amount | undefined): string {
  if (amount === undefined) return '';
  const { done, total, unit } = amount;
  if (unit === 'items') return total === undefined ? String(done) : `${done} of ${total}`;
  return total === undefined ? megabytes(done) : `${megabytes(done)} of ${megabytes(total)}`;
}

/** How long a step has run or ran, in milliseconds. */
export function elapsedOf(step: Step, now: number): number {
  return (step.endedAt ?? now) - (step.startedAt ?? now);
}

/** What a line says about a step besides its name: the parts that are not empty. */
export function listed(...parts: readonly string[]): string {
  return parts.map(oneLine).filter(Boolean).join(', ');
}

/** Labels of the steps that have not started. */
export function nextLabels(view: View): string[] {
  return view.steps.flatMap(({ state, label }) => (state === 'waiting' ? [label] : []));
}
