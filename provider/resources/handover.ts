import { z } from 'zod';
import { commitOf, evaluateHandover, type FluxSnapshot, type Waiting } from './flux/evaluateHandover';
import { phasesSeconds } from './flux/phasesSeconds';
import { notReadyHelmReleases, readFlux } from './flux/readFlux';
import { remoteTip } from '../../clients/git/git';
import type { Implementation, Operation } from '../engine/implementation';
import type { HandoverInputs, PhasesSeconds } from './inputs';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isPassing } from '../../clients/kubernetes/errors';
import { messageOf } from '../../clients/userError';
import { pollUntil } from '../../clients/process/pollUntil';
import { isoTime, nonEmpty, timeoutSeconds } from './schemas';
import { withApi } from './withApi';

/** What is recorded, once. */
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

/** Waits until Flux has reconciled the remote branch's tip. A failure records nothing: the next `up` waits again. */
export const handover: Implementation<HandoverInputs, HandoverState> = {
  schema,
  connection: ['kubeconfig'],
  secrets: ['kubeconfig'],
  create: (inputs, operation) =>
    withApi(inputs.kubeconfig, operation.signal, async (api) => {
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
  let waiting: Waiting[] = [];

  const ask = async (): Promise<string | undefined> => {
    try {
      const snapshot = await readFlux(api, inputs.fluxNamespace);
      await acceptNewerTip(snapshot, acceptedCommits, inputs, signal);
      const verdict = evaluateHandover(snapshot, { ...inputs, kustomizations, acceptedCommits });
      waiting = verdict.waiting;
      if (verdict.revision !== undefined) return verdict.revision;
    } catch (error) {
      if (!isPassing(error)) throw error;
      waiting = [{ what: 'Kubernetes API', why: messageOf(error) }];
    }
    progress.status(statusLine(waiting));
    progress.info(changeLine(waiting));
    return undefined;
  };
  return pollUntil(ask, {
    timeoutSeconds: inputs.timeoutSeconds,
    intervalMilliseconds,
    signal,
    timedOut: async (waited) => {
      const releases = await notReadyHelmReleases(api).catch(() => []);
      return [
        `Flux has not taken over after ${waited} s; not ready:`,
        ...[...waiting, ...releases].map(({ what, why }) => `  ${what}: ${why}`),
        'Correct it in Git and push, or in the cluster, then run `pulumi up` again; it waits again.',
      ].join('\n');
    },
  });
}

/** Somebody may push during the wait: what Flux then shows is fine if the remote confirms it as its tip. */
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

/** One line that says who is waited for, with the first one's own words. */
export function statusLine(waiting: readonly Waiting[]): string {
  const [first, ...others] = waiting;
  if (!first) return 'Flux reports nothing yet';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `waiting for ${first.what}: ${first.why.split('\n')[0]?.slice(0, 200)}${more}`;
}

/** One line for the log, the same as long as the same things are waited for. */
export function changeLine(waiting: readonly Waiting[]): string {
  return `waiting for ${waiting.length}: ${waiting.map(({ what }) => what).join(', ')}`;
}
