import type { KubernetesClient } from '../../clients/kubernetes/client';
import { pollUntil } from '../../clients/process/pollUntil';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { messageOf } from '../../clients/userError';
import { etcdProblems } from '../../cluster/rollout/clusterState';
import { sameConfiguration } from '../../cluster/rollout/configurationDocuments';
import type { HealthCheck } from '../../cluster/rollout/healthChecks';
import type { Operation } from '../engine/implementation';
import { viewCluster } from './clusterView';
import { uncordonNode } from './drain';
import { healthProblems } from './healthChecks';
import { nodeProblem } from './nodeReady';
import { withKubernetes } from './openKubernetes';
import type { Pace } from './pace';
import { describeTarget, type MachineTarget } from './target';
import { withMachine } from './withMachine';

/** What must hold before the next machine is changed. */
export interface GateRequest {
  target: MachineTarget;
  identity: TalosClientConfiguration;
  controlPlanes: readonly MachineTarget[];
  /** The configuration that the machine must run. */
  configuration?: string | undefined;
  /** The boot id before a reboot that must be over. */
  previousBootId?: string | undefined;
  healthChecks: readonly HealthCheck[];
  timeoutSeconds: number;
}

/** A step of a gate: why it is not passed yet; undefined if it is. */
type Step = { name: string; problem: () => Promise<string | undefined> };

/**
 * Waits until a machine is back and the cluster is whole: the machine has booted and runs the configuration, etcd has all
 * members, none a learner, and a leader, the Node is Ready, and the stack's health checks pass. Uncordons the Node, if we
 * cordoned it, before the health checks: what they check may need its pods.
 *
 * @throws UserError on timeout, with node, step, reason and what to do
 */
export async function passGate(request: GateRequest, operation: Operation, pace: Pace): Promise<void> {
  const { target, identity, controlPlanes } = request;
  const { progress, signal } = operation;
  let bootId: string | undefined;
  const steps: Step[] = [
    {
      name: 'the machine',
      problem: async () => {
        const { problem, bootId: current } = await machineProblem(request, pace);
        bootId = current;
        return problem;
      },
    },
    {
      name: 'etcd',
      problem: async () => {
        const { controlPlanes: answers } = await viewCluster(controlPlanes, identity, pace);
        const problems = etcdProblems(
          answers,
          controlPlanes.map(({ name }) => name),
          { lostMembers: true },
        );
        return problems.length === 0 ? undefined : problems.join('; ');
      },
    },
    {
      name: 'Kubernetes',
      problem: () => withKubernetes(request, operation, pace, (api) => readyProblem(api, target.name, bootId)),
    },
    {
      name: 'health',
      problem: () =>
        withKubernetes(request, operation, pace, async (api) => {
          await uncordonNode(api, target.name, operation);
          if (request.healthChecks.length === 0) return undefined;
          const problems = await healthProblems(api, request.healthChecks);
          return problems.length === 0 ? undefined : problems.join('; ');
        }),
    },
  ];
  let step = 0;
  let last = '';
  await pollUntil(
    async () => {
      for (; step < steps.length; step++) {
        const { name, problem } = steps[step] as Step;
        const reason = await problem().catch(messageOf);
        if (reason === undefined) continue;
        last = `${name}: ${reason}`;
        progress.status(`${target.name}: waiting for ${last}`);
        return undefined;
      }
      return true;
    },
    {
      timeoutSeconds: request.timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${describeTarget(target)} was changed, but after ${waited} s this does not hold yet: ${last}\n` +
        'No other machine was changed. Repair it, then run `pulumi up` again: it waits for this first, and goes on from there. ' +
        `See \`talosctl dmesg --nodes ${target.node}\` and \`talosctl service --nodes ${target.node}\`; rollout.gateTimeoutSeconds ` +
        'is the time to wait.',
    },
  );
}

async function machineProblem(
  { target, identity, configuration, previousBootId }: GateRequest,
  { deadlineSeconds, port }: Pace,
): Promise<{ problem?: string; bootId?: string }> {
  return withMachine(target, identity, port, async (client, resources) => {
    const bootId = await client.bootId(deadlineSeconds);
    if (bootId === previousBootId) return { problem: 'it has not rebooted yet', bootId };
    if (configuration !== undefined) {
      const { active = '' } = await resources.configurations(deadlineSeconds);
      if (!sameConfiguration(active, configuration))
        return { problem: 'it does not run the new configuration', bootId };
    }
    const status = await resources.machineStatus();
    if (status === undefined) return { bootId };
    if (status.stage !== 'running') return { problem: `its stage is ${status.stage}`, bootId };
    const [unmet] = status.unmetConditions;
    if (status.ready) return { bootId };
    return { problem: unmet ? `${unmet.name}: ${unmet.reason}` : 'it is not ready', bootId };
  });
}

async function readyProblem(
  api: KubernetesClient,
  node: string,
  bootId: string | undefined,
): Promise<string | undefined> {
  const problem = await nodeProblem(api, { node, ...(bootId !== undefined && { bootId }) });
  if (problem === undefined) return undefined;
  // Before the network is installed, which no machine waits for, no Node can be Ready.
  const networks = await api.list('/apis/apps/v1/daemonsets', { limit: '1' });
  return networks.length === 0 ? undefined : problem;
}
