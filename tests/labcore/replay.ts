import * as fs from 'node:fs';
import * as path from 'node:path';
import type { UpEvent } from '../../lab/up/engineEvents';
import { firstUpSteps, plannedSteps, secondUpSteps, type StackSteps } from '../../lab/up/stackSteps';
import type { Display } from '../../tools/display/display';
import type { StepUpdate } from '../../tools/display/steps';

/**
 * What happened in a lab, and when (seconds). tests/fixtures/display/lab-up.jsonl is a whole `lab up` of both clusters; its
 * events were converted from the output of the Pulumi CLI, whose lists of waiting objects are shortened.
 */
export interface Recorded {
  at: number;
  /** Clusters whose steps are planned. */
  plan?: string[];
  update?: StepUpdate;
  line?: string;
  stack?: string;
  /** The first or second `up` of the stack starts, or an `up` ends. */
  run?: 'first' | 'second' | 'end';
  event?: UpEvent;
}

/** The recorded `lab up`. */
export function recordedUp(): Recorded[] {
  const file = path.join(__dirname, '../fixtures/display/lab-up.jsonl');
  const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

/** Returns a function that shows what was recorded on a display, in order. */
export function player(display: Display): (recorded: Recorded) => void {
  const running = new Map<string, StackSteps>();
  const target = { step: display.step, progress: display.log };
  return ({ plan, update, line, stack = '', run, event }) => {
    if (plan !== undefined) {
      const later = [...plan.flatMap(plannedSteps), { id: 'result' }];
      for (const planned of [{ id: 'tools' }, { id: 'services' }, { id: 'stacks' }, ...later]) display.step(planned);
    }
    if (update !== undefined) display.step(update);
    if (line !== undefined) display.log(line);
    if (run === 'first') running.set(stack, firstUpSteps(stack, target));
    if (run === 'second') running.set(stack, secondUpSteps(stack, target));
    if (run === 'end') running.get(stack)?.end();
    if (event !== undefined) running.get(stack)?.event(event);
  };
}
