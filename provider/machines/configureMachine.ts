import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { AppliedConfiguration, ApplyMode } from '../../clients/talos/messages';
import { TalosResources } from '../../clients/talos/resources';
import { pollUntil } from '../../clients/process/pollUntil';
import { UserError } from '../../clients/userError';
import { applyPlan, type ApplySetting } from '../../cluster/rollout/applyPlan';
import { etcdProblems, tolerated, type ClusterState } from '../../cluster/rollout/clusterState';
import { describeChanges } from '../../cluster/rollout/configurationChanges';
import { sameConfiguration } from '../../cluster/rollout/configurationDocuments';
import type { HealthCheck } from '../../cluster/rollout/healthChecks';
import type { Operation } from '../engine/implementation';
import { awaitMachine } from './awaitMachine';
import { callMachine, withoutSecrets, type Connection } from './callMachine';
import { settledView, viewCluster } from './clusterView';
import { drainNode } from './drain';
import { passGate } from './gate';
import { withKubernetes } from './openKubernetes';
import { type Pace, previewPace } from './pace';
import { describeTarget, type MachineTarget } from './target';

/** A machine, the configuration that it should run, and how to get there. */
export interface ConfigureRequest {
  cluster: string;
  target: MachineTarget;
  role: 'controlplane' | 'worker';
  /** Secret. */
  configuration: string;
  identity: TalosClientConfiguration;
  /** All control planes of the cluster, the machine itself included if it is one. */
  controlPlanes: readonly MachineTarget[];
  applyMode: ApplySetting;
  drain: { enabled: boolean; timeoutSeconds: number };
  gateTimeoutSeconds: number;
  healthChecks: readonly HealthCheck[];
  /** Whether the changes have been shown already, by a diff. */
  announced: boolean;
}

/**
 * Brings a machine to its configuration, and waits until the cluster is whole again. A machine that runs it already gets no
 * call, so that this goes on where a killed run stopped: only the wait is repeated. Before there is a cluster, nothing is
 * waited for.
 *
 * @throws UserError that names the machine and says what to do
 */
export async function configureMachine(request: ConfigureRequest, operation: Operation, pace: Pace): Promise<void> {
  const { target, identity, cluster, gateTimeoutSeconds: timeoutSeconds, controlPlanes } = request;
  const found = await awaitMachine(target, identity, { cluster, timeoutSeconds, pace }, operation);
  if (found.state === 'maintenance') {
    const { state } = await viewCluster(controlPlanes, identity, previewPace(pace));
    await apply(request, 'maintenance', 'auto', operation, pace);
    if (state === 'none' || state === 'unknown') return;
    operation.progress.info(`${target.name} is installed; it joins the cluster`);
    return passGate({ ...request, timeoutSeconds }, operation, pace);
  }

  const { active, persistent } = await configurations(request, pace);
  const staged = request.applyMode === 'staged';
  const runs = (staged || same(active, request)) && same(persistent, request);
  const state = await settledState(request, runs, operation, pace);
  if (runs) {
    if (state === 'none' || state === 'unknown') return;
  } else if (state === 'none') {
    await apply(request, 'secure', 'auto', operation, pace);
    return;
  }
  const previousBootId = runs ? undefined : await change(request, active ?? '', operation, pace);
  const configuration = staged ? undefined : request.configuration;
  await passGate({ ...request, configuration, previousBootId, timeoutSeconds }, operation, pace);
}

const same = (text: string | undefined, { configuration }: ConfigureRequest): boolean =>
  text !== undefined && sameConfiguration(text, configuration);

/** The configurations of a configured machine. */
export async function configurations(
  { target, identity }: Pick<ConfigureRequest, 'target' | 'identity'>,
  { deadlineSeconds, port }: Pick<Pace, 'deadlineSeconds' | 'port'>,
): Promise<{ active?: string; persistent?: string }> {
  const resources = TalosResources.open(target, identity, port);
  try {
    return await resources.configurations(deadlineSeconds);
  } finally {
    resources.close();
  }
}

/** The state of the cluster; if the machine is to be changed, only once it is clear whether there is one. */
async function settledState(
  { target, identity, controlPlanes, gateTimeoutSeconds }: ConfigureRequest,
  runs: boolean,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<ClusterState> {
  let why = '';
  return pollUntil(
    async () => {
      const view = await settledView(controlPlanes, identity, pace);
      if (runs || view.state === 'running' || view.state === 'none') return view.state;
      const reasons = view.controlPlanes.flatMap(({ name, why: reason }) => (reason ? [`${name}: ${reason}`] : []));
      const what = view.state === 'down' ? 'etcd has no quorum' : 'it is not clear whether there is a cluster';
      why = `${what} (${reasons.join('; ')})`;
      progress.status(`${target.name}: waiting: ${why}`);
      return undefined;
    },
    {
      timeoutSeconds: gateTimeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${describeTarget(target)} is not changed, because after ${waited} s ${why}. ` +
        'Bring the control planes back, then run `pulumi up` again.',
    },
  );
}

/** Applies the configuration to a machine of a running cluster; returns its boot id if that reboots it. */
async function change(
  request: ConfigureRequest,
  active: string,
  operation: Operation,
  pace: Pace,
): Promise<string | undefined> {
  const { target, identity, configuration, applyMode, drain, controlPlanes } = request;
  const { progress } = operation;
  if (!request.announced) for (const line of describeChanges(active, configuration)) progress.info(line);
  const dryRun = await callMachine(
    request,
    'secure',
    (client) => client.applyConfiguration(configuration, { mode: 'auto', dryRun: true }),
    operation,
    pace,
  );
  const plan = applyPlan(applyMode, dryRun.mode === 'reboot');
  if ('refused' in plan) throw new UserError(`${describeTarget(target)} is not changed: ${plan.refused}`);
  if (!plan.reboots) {
    await apply(request, 'secure', plan.mode, operation, pace);
    if (plan.mode === 'staged') progress.warn(`${target.name}: the change has no effect until you reboot the machine`);
    return undefined;
  }
  await beforeReboot(request, operation, pace);
  if (drain.enabled) {
    const why = 'reboot into a new machine configuration';
    const draining = { node: target.name, why, timeoutSeconds: drain.timeoutSeconds };
    await withKubernetes({ controlPlanes, identity }, operation, pace, (api) =>
      drainNode(api, draining, operation, pace.intervalMilliseconds),
    );
  }
  const bootId = await callMachine(request, 'secure', (client) => client.bootId(), operation, pace);
  progress.status(`${target.name}: rebooting into its new configuration`);
  await apply(request, 'secure', plan.mode, operation, pace);
  return bootId;
}

/** A control plane may only reboot while etcd is whole without it: otherwise two of its members would be down. */
async function beforeReboot(
  { target, role, identity, controlPlanes, gateTimeoutSeconds }: ConfigureRequest,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<void> {
  if (role !== 'controlplane') return;
  const names = controlPlanes.map(({ name }) => name);
  let problems: string[] = [];
  await pollUntil(
    async () => {
      const { controlPlanes: answers } = await viewCluster(controlPlanes, identity, pace);
      problems = etcdProblems(answers, names, { except: target.name });
      if (problems.length === 0) return true;
      progress.status(`${target.name}: waiting for etcd before the reboot: ${problems.join('; ')}`);
      return undefined;
    },
    {
      timeoutSeconds: gateTimeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${describeTarget(target)} is not rebooted, because after ${waited} s etcd is not whole without it: ${problems.join('; ')}\n` +
        'Bring that control plane back, replace it, or mark it with `leaving: true`; then run `pulumi up` again. One in ' +
        "maintenance mode is configured first by `pulumi up --target '**MachineConfiguration::<node>'`.",
    },
  );
  if (names.length > 1 && tolerated(names.length) === 0) {
    progress.warn(
      `${target.name} reboots: with ${names.length} control planes, the Kubernetes API is down until it is back`,
    );
  }
}

async function apply(
  request: ConfigureRequest,
  connection: Connection,
  mode: ApplyMode,
  operation: Operation,
  pace: Pace,
): Promise<AppliedConfiguration> {
  const { progress } = operation;
  progress.status(`${request.target.name}: applying its configuration`);
  const applied = await callMachine(
    request,
    connection,
    (client) => client.applyConfiguration(request.configuration, { mode }),
    operation,
    pace,
  );
  for (const warning of applied.warnings) progress.warn(`${request.target.name}: ${withoutSecrets(warning, request)}`);
  return applied;
}
