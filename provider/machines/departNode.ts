import { deleteNode, getNode } from '../../clients/kubernetes/nodes';
import { pollUntil } from '../../clients/process/pollUntil';
import { TalosClient } from '../../clients/talos/client';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { messageOf, UserError } from '../../clients/userError';
import { departureProblem } from '../../cluster/rollout/departures';
import type { Operation } from '../engine/implementation';
import { type ClusterView, healthyControlPlanes, viewCluster } from './clusterView';
import { drainNode } from './drain';
import { openKubernetes } from './openKubernetes';
import type { Pace } from './pace';
import { type MachineState, probeMachine } from './probeMachine';
import { describeTarget, type MachineTarget } from './target';

/** A node that leaves its cluster. */
export interface DepartureRequest {
  target: MachineTarget;
  identity: TalosClientConfiguration;
  /** All control planes, those that leave included. */
  controlPlanes: readonly MachineTarget[];
  drain: { enabled: boolean; timeoutSeconds: number };
  timeoutSeconds: number;
}

/** A machine that is silent for so long is dead; one that reboots is back by then. */
const silenceSeconds = 120;

/**
 * Takes a node out of its cluster: a machine that answers is drained and reset, which leaves etcd and wipes its configuration;
 * one that does not is taken out of etcd by the others. Then its Node is deleted. Done again, it does what is left to do.
 *
 * @throws UserError if the cluster cannot spare the node, or if it does not leave
 */
export async function departNode(request: DepartureRequest, operation: Operation, pace: Pace): Promise<void> {
  const { target, identity, drain } = request;
  const { progress, signal } = operation;
  const where = describeTarget(target);
  const view = await clusterOf(request, operation, pace);
  if (view === undefined) return;
  const problem = departureProblem(view.controlPlanes, target.name);
  if (problem !== undefined) {
    throw new UserError(
      `${where} cannot leave: ${problem}. Add or repair a control plane first, then run \`pulumi up\` again.`,
    );
  }
  const others = healthyControlPlanes(view).filter(({ name }) => name !== target.name);
  const found = await answerOf(request, operation, pace);
  const api = await openKubernetes(others, identity, signal, pace);
  try {
    if (found.state === 'member') {
      const why = 'it leaves the cluster';
      if (drain.enabled) {
        const settings = { node: target.name, why, timeoutSeconds: drain.timeoutSeconds };
        await drainNode(api, settings, operation, pace.intervalMilliseconds);
      }
      progress.status(`${target.name}: resetting its machine`);
      await reset(request, pace);
    } else {
      progress.info(`${target.name} does not answer as one of the cluster, so the others take it out of etcd`);
      await removeMember(request, others, view, pace);
    }
    await awaitGone(request, operation, pace);
    if ((await getNode(api, target.name)) !== undefined) await deleteNode(api, target.name);
  } finally {
    api.close();
  }
  const machine =
    found.state === 'member'
      ? 'its configuration is wiped and it is off'
      : 'if it ever comes back, it must be wiped before it is used again';
  progress.info(`${target.name} has left: delete its entry from the nodes of the stack; ${machine}`);
}

/** The cluster, once it can decide; undefined if there is none to leave. */
async function clusterOf(
  { target, identity, controlPlanes, timeoutSeconds }: DepartureRequest,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<ClusterView | undefined> {
  const found = await pollUntil<{ view?: ClusterView }>(
    async () => {
      const view = await viewCluster(controlPlanes, identity, pace);
      if (view.state === 'running') return { view };
      if (view.state === 'none') return {};
      progress.status(`${target.name} leaves: waiting for a control plane that lists the members of etcd`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${describeTarget(target)} cannot leave: after ${waited} s no control plane lists the members of etcd. ` +
        'Bring enough of them back for a quorum, then run `pulumi up` again.',
    },
  );
  return found.view;
}

/** What the machine is, once it answers or has been silent for long. */
async function answerOf(
  { target, identity, timeoutSeconds }: DepartureRequest,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<MachineState> {
  const limit = Math.min(silenceSeconds, timeoutSeconds) * 1000;
  const started = Date.now();
  return pollUntil(
    async () => {
      const found = await probeMachine(target, identity, pace);
      if (found.state !== 'silent' || Date.now() - started >= limit) return found;
      progress.status(`${target.name} leaves: waiting for its machine to answer: ${found.why}`);
      return undefined;
    },
    {
      timeoutSeconds: limit / 1000 + 60,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: () => `${describeTarget(target)} does not answer`,
    },
  );
}

async function reset({ target, identity }: DepartureRequest, { port }: Pace): Promise<void> {
  const client = TalosClient.secure(target, identity, port);
  try {
    await client.reset({ graceful: true, reboot: false, wipe: ['STATE', 'EPHEMERAL'] });
  } catch (error) {
    throw new UserError(`${describeTarget(target)} refuses to be reset: ${messageOf(error)}`);
  } finally {
    client.close();
  }
}

async function removeMember(
  { target, identity }: DepartureRequest,
  [through]: readonly MachineTarget[],
  { members }: ClusterView,
  { port }: Pace,
): Promise<void> {
  const member = members.find(({ hostname }) => hostname === target.name);
  if (member === undefined || through === undefined) return;
  const client = TalosClient.secure(through, identity, port);
  try {
    await client.etcdRemoveMember(member.id);
  } catch (error) {
    throw new UserError(
      `${describeTarget(target)} could not be taken out of etcd through ${describeTarget(through)}: ${messageOf(error)}`,
    );
  } finally {
    client.close();
  }
}

/** Waits until etcd does not list the node and its machine is no longer one of the cluster. */
async function awaitGone(
  { target, identity, controlPlanes, timeoutSeconds }: DepartureRequest,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<void> {
  const others = controlPlanes.filter(({ name }) => name !== target.name);
  let last = '';
  await pollUntil(
    async () => {
      const [view, found] = await Promise.all([
        viewCluster(others, identity, pace),
        probeMachine(target, identity, pace),
      ]);
      if (view.state !== 'running') last = 'no control plane lists the members of etcd';
      else if (view.members.some(({ hostname }) => hostname === target.name)) last = 'it is still a member of etcd';
      else if (found.state === 'member') last = 'its machine still has its configuration';
      else return true;
      progress.status(`${target.name} leaves: ${last}`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${describeTarget(target)} has not left after ${waited} s: ${last}. See \`talosctl dmesg --nodes ${target.node}\`, ` +
        'then run `pulumi up` again.',
    },
  );
}
