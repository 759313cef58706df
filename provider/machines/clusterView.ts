import { setTimeout as sleep } from 'node:timers/promises';
import { TalosClient, talosPort } from '../../clients/talos/client';
import { messageOf } from '../../clients/userError';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { clusterState, etcdMembers, type ClusterState, type EtcdAnswer } from '../../cluster/rollout/clusterState';
import type { Pace } from './pace';
import { probeMachine, type MachineState } from './probeMachine';
import type { MachineTarget } from './target';

/** What one control plane says. */
export interface ControlPlaneView extends EtcdAnswer {
  target: MachineTarget;
  found: MachineState;
  /** Why it does not list the members of etcd; absent if it does. */
  why?: string;
}

/** The cluster as all of its control planes see it. */
export interface ClusterView {
  state: ClusterState;
  controlPlanes: readonly ControlPlaneView[];
  members: EtcdAnswer['members'] & object;
}

/** Asks all control planes, concurrently. Never throws: what does not answer is in the view. */
export async function viewCluster(
  controlPlanes: readonly MachineTarget[],
  identity: TalosClientConfiguration,
  options: { deadlineSeconds?: number; port?: number } = {},
): Promise<ClusterView> {
  const views = await Promise.all(controlPlanes.map((target) => viewControlPlane(target, identity, options)));
  return { state: clusterState(views), controlPlanes: views, members: etcdMembers(views) };
}

/**
 * The view, looked at twice before it says that there is no cluster although control planes are configured: while one boots, its
 * etcd is not running yet either.
 */
export async function settledView(
  controlPlanes: readonly MachineTarget[],
  identity: TalosClientConfiguration,
  pace: Pick<Pace, 'deadlineSeconds' | 'port' | 'settleMilliseconds'>,
): Promise<ClusterView> {
  const view = await viewCluster(controlPlanes, identity, pace);
  if (view.state !== 'none' || view.controlPlanes.every(({ machine }) => machine !== 'member')) return view;
  await sleep(pace.settleMilliseconds);
  return viewCluster(controlPlanes, identity, pace);
}

/** The control planes that can say and do something about etcd: healthy members, leaders first. */
export function healthyControlPlanes(view: ClusterView): MachineTarget[] {
  const healthy = view.controlPlanes.filter(
    ({ status, members }) => members !== undefined && status !== undefined && !status.isLearner,
  );
  const leads = ({ status }: ControlPlaneView) => (status?.leader === status?.memberId ? 0 : 1);
  return healthy.toSorted((a, b) => leads(a) - leads(b)).map(({ target }) => target);
}

async function viewControlPlane(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  { deadlineSeconds = 5, port = talosPort }: { deadlineSeconds?: number; port?: number },
): Promise<ControlPlaneView> {
  const { name } = target;
  const found = await probeMachine(target, identity, { deadlineSeconds, port });
  if (found.state !== 'member') {
    const why = found.state === 'maintenance' ? 'is in maintenance mode' : found.why;
    return { name, target, found, machine: found.state, etcdRuns: false, why };
  }
  const client = TalosClient.secure(target, identity, port);
  try {
    const etcd = (await client.services(deadlineSeconds)).find(({ id }) => id === 'etcd');
    // Before the bootstrap, Talos keeps the service in `Preparing`, and calls to etcd would hang until their deadline.
    if (etcd === undefined || etcd.state === 'Preparing') {
      return { name, target, found, machine: 'member', etcdRuns: false, why: 'etcd is not bootstrapped' };
    }
    const [members, status] = await Promise.allSettled([
      client.etcdMembers(deadlineSeconds),
      client.etcdStatus(deadlineSeconds),
    ]);
    return {
      name,
      target,
      found,
      machine: 'member',
      etcdRuns: true,
      ...(members.status === 'fulfilled' ? { members: members.value } : { why: messageOf(members.reason) }),
      ...(status.status === 'fulfilled' && { status: status.value }),
    };
  } catch (error) {
    return { name, target, found, machine: 'silent', etcdRuns: false, why: messageOf(error) };
  } finally {
    client.close();
  }
}
