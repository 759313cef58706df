import type { LabContext } from '../context';
import { mustRunPulumi } from './runPulumi';

/** What the lab's result needs from a stack's state. Contains no secrets. */
export interface StackFacts {
  /** Seconds by phase, as the handover recorded them. */
  phasesSeconds: Record<string, number>;
  /** Git revision at the handover. */
  handoverRevision: string;
  /** namespace/name of the releases that Pulumi installed. */
  installed: Set<string>;
}

interface Deployment {
  deployment?: { resources?: { type: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> }[] };
}

/** Reads the facts from a stack's state; secrets stay encrypted. */
export async function readStackFacts(ctx: LabContext, stack: string, signal: AbortSignal): Promise<StackFacts> {
  return stackFacts(await exportState(ctx, stack, signal), stack);
}

/** Whether an `up` of the stack has created any resource. */
export async function hasResources(ctx: LabContext, stack: string, signal: AbortSignal): Promise<boolean> {
  const { deployment } = await exportState(ctx, stack, signal);
  return (deployment?.resources ?? []).some(({ type }) => type !== 'pulumi:pulumi:Stack');
}

async function exportState(ctx: LabContext, stack: string, signal: AbortSignal): Promise<Deployment> {
  const { stdout } = await mustRunPulumi(ctx, { args: ['stack', 'export', '--stack', stack], signal });
  return JSON.parse(stdout) as Deployment;
}

/** The facts of an exported state. */
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
