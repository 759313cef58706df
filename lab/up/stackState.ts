import type { LabContext } from '../context';
import { mustRunPulumi } from './runPulumi';

/** What the lab's result takes from a stack's state. Nothing of it is secret. */
export interface StackFacts {
  /** Seconds by phase, as the handover recorded them. */
  phasesSeconds: Record<string, number>;
  /** Git revision that was handed over to. */
  handoverRevision: string;
  /** namespace/name of the releases that Pulumi installed itself. */
  installed: Set<string>;
}

interface Deployment {
  deployment?: { resources?: { type: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> }[] };
}

/** Reads a stack's state; secrets in it stay encrypted. */
export async function readStackFacts(ctx: LabContext, stack: string, signal: AbortSignal): Promise<StackFacts> {
  return stackFacts(await exportState(ctx, stack, signal), stack);
}

/** Whether an `up` of the stack has made anything yet, however far it came. */
export async function isBegun(ctx: LabContext, stack: string, signal: AbortSignal): Promise<boolean> {
  const { deployment } = await exportState(ctx, stack, signal);
  return (deployment?.resources ?? []).some(({ type }) => type !== 'pulumi:pulumi:Stack');
}

async function exportState(ctx: LabContext, stack: string, signal: AbortSignal): Promise<Deployment> {
  const { stdout } = await mustRunPulumi(ctx, { args: ['stack', 'export', '--stack', stack], signal });
  return JSON.parse(stdout) as Deployment;
}

/** Picks the facts out of an exported state. */
export function stackFacts(state: Deployment, stack: string): StackFacts {
  const resources = state.deployment?.resources ?? [];
  const handover = resources.find(({ type }) => type === 'platform:index:Handover')?.outputs;
  if (handover === undefined)
    throw new Error(`stack ${stack}: its state has no Handover; see .lab/logs/pulumi-${stack}.log`);
  const installed = resources.flatMap(({ type, outputs }) =>
    type === 'platform:index:BootstrapRelease' && outputs?.action === 'installed'
      ? [`${String(outputs.namespace)}/${String(outputs.name)}`]
      : [],
  );
  return {
    phasesSeconds: (handover.phasesSeconds ?? {}) as Record<string, number>,
    handoverRevision: typeof handover.revision === 'string' ? handover.revision : '',
    installed: new Set(installed),
  };
}
