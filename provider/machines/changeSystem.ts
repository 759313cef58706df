import { cordonedBy, getNode } from '../../clients/kubernetes/nodes';
import { pollUntil } from '../../clients/process/pollUntil';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { messageOf, UserError } from '../../clients/userError';
import { etcdProblems } from '../../cluster/rollout/clusterState';
import type { HealthCheck } from '../../cluster/rollout/healthChecks';
import {
  systemChange,
  systemDiffers,
  talosUpgradeProblems,
  type WantedSystem,
} from '../../cluster/rollout/talosUpgrade';
import type { Operation } from '../engine/implementation';
import { awaitMachine } from './awaitMachine';
import { viewCluster } from './clusterView';
import { drainNode, uncordonNode } from './drain';
import { healthProblems } from './healthChecks';
import { passGate } from './gate';
import { withKubernetes } from './openKubernetes';
import { defaultPace, type Pace } from './pace';
import { probeMachine } from './probeMachine';
import type { SystemState } from './readSystem';
import { describeTarget, type MachineTarget } from './target';
import { NotUpgraded, pullInstaller, upgradeMachine, waitUntilRunning } from './upgradeMachine';

/** The system that a machine of the cluster should run, and the cluster around it. */
export interface SystemChange {
  cluster: string;
  target: MachineTarget;
  role: 'controlplane' | 'worker';
  wanted: WantedSystem;
  identity: TalosClientConfiguration;
  controlPlanes: readonly MachineTarget[];
  /** All machines of the stack. */
  machines: readonly MachineTarget[];
  drain: { enabled: boolean; timeoutSeconds: number };
  /** How long an upgrade, and each wait for the cluster, may take. */
  gateTimeoutSeconds: number;
  healthChecks: readonly HealthCheck[];
}

/**
 * Makes a machine of a running cluster run the wanted system: waits until the cluster is well without it, drains its node,
 * upgrades it, waits until the cluster is well with it, and uncordons the node. If the machine runs the system already,
 * finishes what an earlier run left. Does nothing before there is a cluster, and for a machine without a configuration: the
 * installation gives it its system.
 *
 * @returns whether the machine was upgraded
 * @throws UserError with every reason against the upgrade; or with what failed, and what to do
 */
export async function changeSystem(
  change: SystemChange,
  operation: Operation,
  pace = defaultPace,
): Promise<'upgraded' | 'unchanged'> {
  const { target, identity, gateTimeoutSeconds } = change;
  const { state: cluster } = await viewCluster(change.controlPlanes, identity, pace);
  // The first installation, or one that was stopped.
  if (cluster === 'none' || cluster === 'unknown') return 'unchanged';
  const options = { cluster: change.cluster, timeoutSeconds: gateTimeoutSeconds, pace };
  const { state: machine } = await awaitMachine(target, identity, options, operation);
  if (machine === 'maintenance') return 'unchanged';
  const state = await waitUntilRunning({ target, identity, timeoutSeconds: gateTimeoutSeconds }, operation, pace);
  if (systemDiffers(state, change.wanted)) {
    await upgrade(change, state, operation, pace);
    return 'upgraded';
  }
  const node = await withKubernetes(change, operation, pace, (api) => getNode(api, target.name)).catch(() => undefined);
  if (node?.metadata.annotations?.[cordonedBy] !== undefined)
    await passGate({ ...change, timeoutSeconds: gateTimeoutSeconds }, operation, pace);
  return 'unchanged';
}

async function upgrade(change: SystemChange, before: SystemState, operation: Operation, pace: Pace): Promise<void> {
  const { target, identity, wanted, gateTimeoutSeconds: timeoutSeconds, drain } = change;
  const { progress } = operation;
  await refuse(change, before, operation, pace);
  await waitBefore(change, operation, pace);
  const request = { target, identity, wanted, timeoutSeconds };
  await pullInstaller(request, operation, pace);
  const why = systemChange(before, wanted);
  progress.info(`${target.name}: ${why}`);
  if (drain.enabled) {
    const draining = { node: target.name, why, timeoutSeconds: drain.timeoutSeconds };
    await withKubernetes(change, operation, pace, (api) =>
      drainNode(api, draining, operation, pace.intervalMilliseconds),
    );
  }
  try {
    await upgradeMachine(request, before, operation, pace);
  } catch (error) {
    if (error instanceof NotUpgraded) {
      const uncordoned = withKubernetes(change, operation, pace, (api) => uncordonNode(api, target.name, operation));
      await uncordoned.catch(() => undefined);
    }
    throw error;
  }
  await passGate({ ...change, previousBootId: before.bootId, timeoutSeconds }, operation, pace);
}

async function refuse(change: SystemChange, running: SystemState, operation: Operation, pace: Pace): Promise<void> {
  const { target, role, wanted, identity } = change;
  const [view, others, kubernetes] = await Promise.all([
    viewCluster(change.controlPlanes, identity, pace),
    Promise.all(
      change.machines
        .filter(({ name }) => name !== target.name)
        .map((machine) => probeMachine(machine, identity, pace)),
    ),
    withKubernetes(change, operation, pace, (api) => api.get<{ gitVersion: string }>('/version')),
  ]);
  const problems = talosUpgradeProblems({
    node: target.name,
    controlPlane: role === 'controlplane',
    running,
    wanted,
    others: others.flatMap((other) => (other.state === 'member' ? [other.version] : [])),
    kubernetes: kubernetes?.gitVersion,
    etcdMembers: view.members.length,
  });
  if (problems.length === 0) return;
  const head = `${describeTarget(target)} must not be changed (${systemChange(running, wanted)}), and was not:`;
  throw new UserError([head, ...problems].join('\n  '));
}

/** Waits until the machine may go down: etcd is whole without it, and the health checks pass. */
async function waitBefore(change: SystemChange, operation: Operation, pace: Pace): Promise<void> {
  const { target, role, identity, controlPlanes, gateTimeoutSeconds, healthChecks } = change;
  let problems: string[] = [];
  await pollUntil(
    async () => {
      const view = await viewCluster(controlPlanes, identity, pace);
      const names = controlPlanes.map(({ name }) => name);
      problems = role === 'controlplane' ? etcdProblems(view.controlPlanes, names, { except: target.name }) : [];
      if (healthChecks.length > 0) {
        const unhealthy = withKubernetes(change, operation, pace, (api) => healthProblems(api, healthChecks));
        problems.push(...(await unhealthy.catch((error: unknown) => [messageOf(error)])));
      }
      const [first] = problems;
      if (first === undefined) return true;
      operation.progress.status(`${target.name}: waiting before its upgrade: ${first}`);
      return undefined;
    },
    {
      timeoutSeconds: gateTimeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal: operation.signal,
      timedOut: (waited) =>
        [
          `${describeTarget(target)} is not upgraded, because after ${waited} s this does not hold:`,
          ...problems.map((problem) => `  ${problem}`),
          'Repair it, or raise rollout.gateTimeoutSeconds; then run `pulumi up` again.',
        ].join('\n'),
    },
  );
}
