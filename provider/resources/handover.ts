import * as z from 'zod';
import { remoteTip } from '../../clients/git/git';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isTransient } from '../../clients/kubernetes/errors';
import { pollUntil } from '../../clients/process/pollUntil';
import { messageOf, UserError } from '../../clients/userError';
import type { Implementation, Operation } from '../engine/implementation';
import { commitOf, evaluateHandover, type FluxSnapshot, type NotReady } from './flux/evaluateHandover';
import { phasesSeconds, phaseLines } from './flux/phasesSeconds';
import { notReadyHelmReleases, readFlux } from './flux/readFlux';
import { readRemoteTree, type RemoteTree } from './flux/remoteTree';
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
  cluster: nonEmpty,
  gitUrl: nonEmpty,
  gitBranch: nonEmpty,
  gitCredentials: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('ssh'), identity: nonEmpty, knownHosts: nonEmpty }),
      z.object({ kind: z.literal('token'), username: nonEmpty, password: nonEmpty }),
      z.object({ kind: z.literal('bearer'), token: nonEmpty }),
    ])
    .optional(),
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
  connectionInputs: ['kubeconfig', 'gitCredentials'],
  secretProperties: ['kubeconfig', 'gitCredentials'],
  create: (inputs, operation) =>
    withKubernetesClient(inputs.kubeconfig, operation.signal, async (api) => {
      const startedAt = new Date().toISOString();
      const tree = await readRemoteTree(inputs, operation.signal);
      operation.progress.info(`waiting for Flux to reconcile ${inputs.gitBranch} at ${tree.commit.slice(0, 12)}`);
      for (const { name, why } of tree.awaited.skipped) operation.progress.info(`not waiting for ${name}: ${why}`);
      const revision = await waitForFlux(api, inputs, tree, operation);
      const finishedAt = new Date().toISOString();
      operation.progress.info(`handed over to Flux at ${revision}`);
      const seconds = phasesSeconds(inputs.phases, { startedAt, finishedAt });
      for (const { text, late } of phaseLines(seconds)) operation.progress[late ? 'warn' : 'info'](text);
      return {
        id: 'handover',
        outputs: { kubeconfig: inputs.kubeconfig, revision, phasesSeconds: seconds, finishedAt },
      };
    }),
};

const intervalMilliseconds = 2_000;

/** Polls in a row after which an object counts as blocked: a controller may report a status in several steps. */
const blockedPolls = 3;

async function waitForFlux(
  api: KubernetesClient,
  inputs: HandoverInputs,
  start: RemoteTree,
  operation: Operation,
): Promise<string> {
  const { progress, signal } = operation;
  const acceptedCommits = new Set([start.commit]);
  let kustomizations = start.awaited.names;
  let waiting: NotReady[] = [];
  let blockedFor = new Map<string, number>();

  const check = async (): Promise<string | undefined> => {
    try {
      const snapshot = await readFlux(api, inputs.fluxNamespace);
      const newer = await newerTree(snapshot, acceptedCommits, inputs, signal);
      if (newer !== undefined) {
        acceptedCommits.add(newer.commit);
        kustomizations = newer.awaited.names;
      }
      const result = evaluateHandover(snapshot, { ...inputs, kustomizations, acceptedCommits });
      waiting = result.waiting;
      if (result.revision !== undefined) return result.revision;
      blockedFor = new Map(result.blocked.map(({ what }) => [what, (blockedFor.get(what) ?? 0) + 1]));
      const blocked = result.blocked.filter(({ what }) => (blockedFor.get(what) ?? 0) >= blockedPolls);
      if (blocked.length > 0) throw new UserError(report('Flux will not take over by itself:', blocked));
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
      return report(`Flux has not taken over after ${waited} s; not ready:`, [...waiting, ...releases]);
    },
  });
}

function report(head: string, objects: readonly NotReady[]): string {
  return [
    head,
    ...objects.map(({ what, why }) => `  ${what}: ${why}`),
    'Fix it in Git and push, or in the cluster, then run `pulumi up` again to resume the wait.',
  ].join('\n');
}

/** The tree of a commit that was pushed during the wait, if Flux has it and the remote confirms it as its tip. */
async function newerTree(
  { source }: FluxSnapshot,
  acceptedCommits: ReadonlySet<string>,
  inputs: HandoverInputs,
  signal: AbortSignal,
): Promise<RemoteTree | undefined> {
  const commit = commitOf(source?.status?.artifact?.revision);
  if (commit === undefined || acceptedCommits.has(commit)) return undefined;
  const tip = await remoteTip(inputs.gitUrl, inputs.gitBranch, signal, inputs.gitCredentials).catch(() => undefined);
  if (tip === undefined || acceptedCommits.has(tip)) return undefined;
  // A push may remove what this checkout has: the new commit decides.
  return readRemoteTree({ ...inputs, kustomizations: [] }, signal).catch(() => undefined);
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
