import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../clients/userError';
import { type ExportedState, resourceName } from '../../stack/exportedState';
import { readState } from '../../stack/readStack';
import type { DriftContext } from '../context';
import type { CouldNotTell, LayerFindings } from '../drift';
import { isKnown } from '../known';
import { evaluatePulumi } from './evaluatePulumi';
import type { EngineRun } from './events';
import { type EngineCommand, type EngineOptions, runEngine, StackLocked } from './runEngine';
import { pulumiUp } from './up';

/** What the comparison uses, which tests replace. */
export interface PulumiTools {
  engine: (command: EngineCommand, options: EngineOptions) => Promise<EngineRun>;
  state: (context: DriftContext) => Promise<ExportedState>;
  /** How long a running update is waited for, and how often it is looked after. */
  patienceSeconds: number;
  intervalSeconds: number;
  /** How long the engine may take. */
  timeoutSeconds: number;
}

const defaultTools: PulumiTools = {
  engine: runEngine,
  state: ({ stack, project, signal }) => readState(stack, project, signal),
  patienceSeconds: 120,
  intervalSeconds: 10,
  timeoutSeconds: 600,
};

const everything = 'the resources of the stack';

/**
 * Compares the state with what exists (a refresh) and with the program (a preview), without writing either. While an update runs,
 * nothing is compared: it is waited for, within limits.
 */
export async function comparePulumi(context: DriftContext, tools = defaultTools): Promise<LayerFindings> {
  const { state: known, signal, note } = context;
  if (!isKnown(known)) return nothing(known.why, known.todo);
  const end = performance.now() + tools.patienceSeconds * 1000;
  const within = AbortSignal.any([signal, AbortSignal.timeout(tools.timeoutSeconds * 1000)]);
  let state = known.value;
  for (;;) {
    let problem = pendingProblem(state);
    if (problem === undefined) {
      try {
        const result = await compareOnce(context, within, tools);
        const after = await tools.state(context);
        if (stampOf(after) === stampOf(state)) return result;
        problem = 'the state changed meanwhile: an update of the stack is running';
      } catch (error) {
        signal.throwIfAborted();
        if (within.aborted)
          return nothing(`the engine took longer than ${tools.timeoutSeconds} s`, 'see where: pulumi preview');
        if (!(error instanceof StackLocked))
          return nothing(messageOf(error), 'run it by hand: pulumi preview --refresh');
        problem = error.message;
      }
    }
    if (performance.now() > end)
      return nothing(problem, 'run drift again when it has ended; after an interrupted one, run: pulumi up');
    note(`pulumi: waiting, because ${problem}`);
    await sleep(tools.intervalSeconds * 1000, undefined, { signal });
    state = await tools.state(context);
  }
}

function nothing(why: string, todo: string): LayerFindings {
  return { drift: [], couldNotTell: [{ layer: 'pulumi', object: everything, why, todo }], compared: 0 };
}

async function compareOnce(
  context: DriftContext,
  signal: AbortSignal,
  { engine }: PulumiTools,
): Promise<LayerFindings> {
  const { stack, project } = context;
  const options = { stack, project, signal };
  const fix = pulumiUp(stack);
  const [refresh, both] = await Promise.all([engine('refresh', options), engine('preview --refresh', options)]);
  if (both.errors.length === 0 && refresh.errors.length === 0) {
    return { drift: evaluatePulumi(both, refresh, fix), couldNotTell: [], compared: both.seen };
  }
  // The program can be compared with the state even if what exists cannot be read.
  const preview = await engine('preview', options);
  const failed = [...refresh.errors, ...both.errors, ...preview.errors];
  const couldNotTell = failed.map(({ urn, message }): CouldNotTell => ({
    layer: 'pulumi',
    object: urn === undefined ? everything : `resource ${typeOf(urn)} ${resourceName({ urn })}`,
    why: message,
    todo: 'make what it needs reachable, then run drift again',
  }));
  const drift = preview.errors.length === 0 ? evaluatePulumi(preview, undefined, fix) : [];
  return { drift, couldNotTell: onceEach(couldNotTell), compared: preview.seen };
}

function typeOf(urn: string): string {
  return urn.split('::').at(-2)?.split('$').at(-1) ?? '';
}

function onceEach(all: readonly CouldNotTell[]): CouldNotTell[] {
  return all.filter(
    ({ object, why }, index) => all.findIndex((one) => one.object === object && one.why === why) === index,
  );
}

function stampOf({ deployment }: ExportedState): string | undefined {
  return deployment?.manifest?.time;
}

function pendingProblem({ deployment }: ExportedState): string | undefined {
  const [pending] = deployment?.pending_operations ?? [];
  if (pending === undefined) return undefined;
  const name = resourceName({ urn: pending.resource?.urn ?? '' });
  return `an update is ${pending.type ?? 'working on'} ${name}, or was interrupted while it did`;
}
