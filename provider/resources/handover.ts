import { z } from 'zod';
import { remoteTip } from '../../clients/git/git';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isTransient } from '../../clients/kubernetes/errors';
import { pollUntil } from '../../clients/process/pollUntil';
import { messageOf } from '../../clients/userError';
import type { Implementation, Operation } from '../engine/implementation';
import { commitOf, evaluateHandover, type FluxSnapshot, type NotReady } from './flux/evaluateHandover';
import { phasesSeconds } from './flux/phasesSeconds';
import { notReadyHelmReleases, readFlux } from './flux/readFlux';
import type { HandoverInputs, PhasesSeconds } from './inputs';
import { isoTime, nonEmpty, timeoutSeconds } from './inputSchemas';
import { withKubernetesClient } from './withKubernetesClient';

/** State of the handover, recorded once. */
export interface HandoverState {
  kubeconfig: string;
  revision: string;
  phasesSeconds: PhasesSeconds;
  finishedAt: string;
}

const phase = z.object({ startedAt: isoTime, finishedAt: isoTime });
const schema: z.ZodType<HandoverInputs> = z.object({
  kubeconfig: nonEmpty,
  gitUrl: nonEmpty,
  gitBranch: nonEmpty,
  fluxNamespace: nonEmpty,
  kustomizations: z.array(nonEmpty),
  timeoutSeconds,
  phases: z.object({ talos: phase, crds: phase, core: phase }),
});

/**
 * Waits until Flux has reconciled the tip of the remote branch. A failure records nothing: the next `up` waits again.
 */
export const handover: Implementation<HandoverInputs, HandoverState> = {
  schema,
  connectionInputs: ['kubeconfig'],
  secretProperties: ['kubeconfig'],
  create: (inputs, operation) =>
    withKubernetesClient(inputs.kubeconfig, operation.signal, async (api) => {
      const startedAt = new Date().toISOString();
      const tip = await remoteTip(inputs.gitUrl, inputs.gitBranch, operation.signal);
      operation.progress.info(`waiting for Flux to reconcile ${inputs.gitBranch} at ${tip.slice(0, 12)}`);
      const revision = await waitForFlux(api, inputs, tip, operation);
      const finishedAt = new Date().toISOString();
      operation.progress.info(`handed over to Flux at ${revision}`);
      const seconds = phasesSeconds(inputs.phases, { startedAt, finishedAt });
      return {
        id: 'handover',
        outputs: { kubeconfig: inputs.kubeconfig, revision, phasesSeconds: seconds, finishedAt },
      };
    }),
};

const intervalMilliseconds = 2_000;

async function waitForFlux(
  api: KubernetesClient,
  inputs: HandoverInputs,
  tip: string,
  operation: Operation,
): Promise<string> {
  const { progress, signal } = operation;
  const acceptedCommits = new Set([tip]);
  const kustomizations = [...new Set([inputs.fluxNamespace, ...inputs.kustomizations])];
  let waiting: NotReady[] = [];

  const check = async (): Promise<string | undefined> => {
    try {
      const snapshot = await readFlux(api, inputs.fluxNamespace);
      await acceptNewerTip(snapshot, acceptedCommits, inputs, signal);
      const result = evaluateHandover(snapshot, { ...inputs, kustomizations, acceptedCommits });
      waiting = result.waiting;
      if (result.revision !== undefined) return result.revision;
    } catch (error) {
      if (!isTransient(error)) throw error;
      waiting = [{ what: 'Kubernetes API', why: messageOf(error) }];
    }
    progress.status(statusLine(waiting));
    progress.info(changeLine(waiting));
    return undefined;
  };
  return pollUntil(check, {
    timeoutSeconds: inputs.timeoutSeconds,
    intervalMilliseconds,
    signal,
    timedOut: async (waited) => {
      const releases = await notReadyHelmReleases(api).catch(() => []);
      return [
        `Flux has not taken over after ${waited} s; not ready:`,
        ...[...waiting, ...releases].map(({ what, why }) => `  ${what}: ${why}`),
        'Fix it in Git and push, or in the cluster, then run `pulumi up` again to resume the wait.',
      ].join('\n');
    },
  });
}

/** Accepts a commit that was pushed during the wait, if Flux has it and the remote confirms it as its tip. */
async function acceptNewerTip(
  { source }: FluxSnapshot,
  acceptedCommits: Set<string>,
  { gitUrl, gitBranch }: HandoverInputs,
  signal: AbortSignal,
): Promise<void> {
  const commit = commitOf(source?.status?.artifact?.revision);
  if (commit === undefined || acceptedCommits.has(commit)) return;
  const tip = await remoteTip(gitUrl, gitBranch, signal).catch(() => undefined);
  if (tip !== undefined) acceptedCommits.add(tip);
}

/** A line with the first object that is not ready and why, and the number of others. */
export function statusLine(waiting: readonly NotReady[]): string {
  const [first, ...others] = waiting;
  if (!first) return 'Flux reports nothing yet';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `waiting for ${first.what}: ${first.why.split('\n')[0]?.slice(0, 200)}${more}`;
}

/** A line for the log that changes only if the set of objects that are not ready changes. */
export function changeLine(waiting: readonly NotReady[]): string {
  return `waiting for ${waiting.length}: ${waiting.map(({ what }) => what).join(', ')}`;
}
