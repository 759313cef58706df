import { pollUntil } from '../../clients/process/pollUntil';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { UserError } from '../../clients/userError';
import { resetCommand } from '../../cluster/talos/commands';
import type { Operation } from '../engine/implementation';
import type { Pace } from './pace';
import { probeMachine, type MachineState } from './probeMachine';
import { describeTarget, type MachineTarget } from './target';

/** A machine that answers. */
export type AnsweringMachine = Extract<MachineState, { state: 'member' | 'maintenance' }>;

/**
 * Waits until a machine answers, as one of the cluster or in maintenance mode.
 *
 * @throws UserError on timeout, and for a machine of another cluster
 */
export async function awaitMachine(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  options: { cluster: string; timeoutSeconds: number; pace: Pace },
  { progress, signal }: Operation,
): Promise<AnsweringMachine> {
  const { cluster, timeoutSeconds, pace } = options;
  const where = describeTarget(target);
  let otherClusterSince: number | undefined;
  let last = '';
  return pollUntil(
    async () => {
      const found = await probeMachine(target, identity, pace);
      if (found.state === 'member' || found.state === 'maintenance') return found;
      last = found.why;
      if (found.state === 'silent') otherClusterSince = undefined;
      else if (Date.now() - (otherClusterSince ??= Date.now()) >= pace.otherClusterGraceSeconds * 1000) {
        throw new UserError(
          `${where} belongs to another cluster: its certificate was not issued by the machine CA of ${cluster} ` +
            `(${last}). Correct its address in the stack's nodes, or reset the machine with its own talosconfig ` +
            `first: ${resetCommand(target.node)}`,
        );
      }
      progress.status(`waiting for ${where} to answer: ${last}`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${where} does not answer after ${waited} s: ${last}\n` +
        'Nothing else was changed. Bring the machine back, or put another one in its place: boot it into maintenance mode at ' +
        'this address, and it is configured by the next `pulumi up`. To give the node up, mark it with `leaving: true`.',
    },
  );
}
