import * as z from 'zod';
import type { Implementation } from '../engine/implementation';
import type { PhaseStartInputs } from './inputs';
import { nonEmpty } from './inputSchemas';

/** State of a phase's start. */
export interface PhaseStartState extends PhaseStartInputs {
  /** ISO 8601. */
  startedAt: string;
}

/** The time at which the first run reached a phase. What depends on it starts later, in this run or another one. */
export const phaseStart: Implementation<PhaseStartInputs, PhaseStartState> = {
  schema: z.object({ phase: nonEmpty }),
  connectionInputs: [],
  secretProperties: [],
  create: (inputs) =>
    Promise.resolve({ id: inputs.phase, outputs: { ...inputs, startedAt: new Date().toISOString() } }),
};
