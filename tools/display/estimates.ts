import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cacheFolder';
import type { Step, View } from './steps';

/** Seconds that each step took the last time it succeeded, by {@link estimateKey}, and the command, by {@link wholeKey}. */
export type Estimates = Readonly<Record<string, number>>;

/** Key of a step's estimate. */
export function estimateKey({ id, way }: Pick<Step, 'id' | 'way'>): string {
  return way === undefined ? id : `${id} ${way}`;
}

/** Key of the whole command's estimate. Its steps' ways are a part: with 27 tools to build it takes longer than with none. */
export function wholeKey({ title, steps }: Pick<View, 'title' | 'steps'>): string {
  return [title, ...steps.flatMap(({ id, way }) => (way === undefined || id.includes('/') ? [] : [way]))].join(', ');
}

/**
 * File with the estimates of a kind of run. It is in the cache, not in `.lab/`: `lab reset` must not forget how long a lab
 * takes, and all checkouts of a machine share what they learn.
 */
export function estimatesFile(name: string, cache: string = cacheFolder()): string {
  return join(cache, 'durations', `${name}.json`);
}

/** The estimates of the last run; none if the file is missing or not ours. */
export function readEstimates(file: string): Estimates {
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(known).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
    );
  } catch {
    return {};
  }
}

/** What a run teaches: the durations of the steps that it completed and, after a success, of the command as a whole. */
export function learn(known: Estimates, view: View, outcome: 'done' | 'failed', now: number): Estimates {
  const steps = view.steps.flatMap((step): [string, number][] => {
    const { state, startedAt, endedAt } = step;
    if (state !== 'done' || startedAt === undefined || endedAt === undefined) return [];
    return [[estimateKey(step), seconds(endedAt - startedAt)]];
  });
  const whole: [string, number][] = outcome === 'done' ? [[wholeKey(view), seconds(now - view.startedAt)]] : [];
  return { ...known, ...Object.fromEntries([...steps, ...whole]) };
}

/** Writes the estimates atomically. They are a convenience: an unwritable cache is not an error. */
export function saveEstimates(file: string, estimates: Estimates): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(estimates, undefined, 2)}\n`);
    renameSync(temporary, file);
  } catch {
    // The next run has no estimate.
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
