import * as z from 'zod';
import { pollUntil } from '../../clients/process/pollUntil';
import { TalosClient, talosPort } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { probeUntrusted } from '../../clients/talos/probe';
import { UserError } from '../../clients/userError';
import { resetCommand } from '../../cluster/talos/commands';
import type { Implementation, Operation } from '../engine/implementation';
import { settledView, viewCluster } from '../machines/clusterView';
import { describeTarget } from '../machines/target';
import type { EtcdBootstrapInputs } from './inputs';
import { machineTarget, nonEmpty, talosIdentity, timeoutSeconds } from './inputSchemas';

/** State of the bootstrap. */
export interface EtcdBootstrapState {
  cluster: string;
  node: string;
  endpoint: string;
  clientConfiguration: TalosClientConfiguration;
  startedAt: string;
  finishedAt: string;
  bootstrappedBy: 'this run' | 'already';
  /** The label of the last bootstrap of an empty etcd in place of a lost one. */
  again?: string | undefined;
}

const schema: z.ZodType<EtcdBootstrapInputs> = z.object({
  cluster: nonEmpty,
  node: nonEmpty,
  endpoint: nonEmpty,
  clientConfiguration: talosIdentity,
  controlPlanes: z.array(z.object(machineTarget)).min(1),
  timeoutSeconds,
  again: nonEmpty.optional(),
});

/** Timing and port, which tests override. */
export interface BootstrapPace {
  intervalMilliseconds: number;
  /** How long a machine may look like one of another cluster before this is an error: it may be about to reboot. */
  otherClusterGraceSeconds: number;
  /** Time between two looks at a cluster that seems to have lost its etcd. */
  settleMilliseconds: number;
  port: number;
}
const defaultPace: BootstrapPace = {
  intervalMilliseconds: 2_000,
  otherClusterGraceSeconds: 20,
  settleMilliseconds: 10_000,
  port: talosPort,
};

/**
 * Bootstraps etcd unless it is already running; rejects a machine of another cluster. An etcd that is lost later is an error, and
 * an empty one takes its place only for a label.
 */
export const etcdBootstrap = etcdBootstrapWith(defaultPace);

/** With another pace, for tests. */
export function etcdBootstrapWith(pace: BootstrapPace): Implementation<EtcdBootstrapInputs, EtcdBootstrapState> {
  return {
    schema,
    connectionInputs: ['clientConfiguration'],
    secretProperties: ['clientConfiguration'],
    create: async (inputs, operation) => {
      const startedAt = new Date().toISOString();
      const exists = await clusterExists(inputs, operation, pace);
      const bootstrappedBy = exists ? 'already' : await bootstrapEtcd(inputs, operation, pace);
      const { timeoutSeconds: _timeout, controlPlanes: _others, ...recorded } = inputs;
      operation.progress.info(bootstrappedBy === 'already' ? 'etcd was already bootstrapped' : 'etcd is bootstrapped');
      const outputs = { ...recorded, bootstrappedBy, startedAt, finishedAt: new Date().toISOString() };
      return { id: inputs.cluster, outputs };
    },
    inspect: async (state, inputs, { progress }) => {
      if (!(await isLost(inputs, pace))) return false;
      progress.warn(mayBegin(state, inputs) ? `${lost}; an empty one takes its place` : `${lost}: ${remedy}`);
      return true;
    },
    update: async (state, inputs, operation) => {
      const { clientConfiguration, again } = inputs;
      if (!(await isLost(inputs, pace))) return { ...state, clientConfiguration };
      if (!mayBegin(state, inputs)) throw new UserError(`${lost}. To repair it, ${remedy}`);
      await bootstrapEtcd(inputs, operation, pace);
      operation.progress.info('an empty etcd is bootstrapped');
      return { ...state, clientConfiguration, again };
    },
  };
}

const lost = 'the cluster has lost its etcd: all control planes answer, and none has one';
const remedy =
  'recover it from a snapshot (talosctl bootstrap --recover-from=<file>), or set bootstrapEtcdAgain to the date of today in the ' +
  'stack, which begins with an empty one: everything that was in the cluster is gone then';

/** Whether the cluster had an etcd, as the state says, and no control plane has one now. */
async function isLost(
  { controlPlanes, clientConfiguration }: EtcdBootstrapInputs,
  pace: BootstrapPace,
): Promise<boolean> {
  const view = await settledView(controlPlanes, clientConfiguration, { ...pace, deadlineSeconds: 3 });
  return view.state === 'none';
}

/** Whether the stack asks for an empty etcd, and has not got it yet. */
function mayBegin({ again: before = '' }: EtcdBootstrapState, { again = '' }: EtcdBootstrapInputs): boolean {
  return again > before;
}

/**
 * Whether one of the control planes is a member of an etcd already. Bootstrapping another one would make a second cluster, which
 * would start empty: so one that does not answer is waited for, and an etcd without a quorum is an error.
 *
 * @throws UserError on timeout, with what each control plane says
 */
export async function clusterExists(
  { controlPlanes, clientConfiguration, timeoutSeconds: timeout }: EtcdBootstrapInputs,
  { progress, signal }: Operation,
  pace = defaultPace,
): Promise<boolean> {
  let last = '';
  return pollUntil(
    async () => {
      const view = await viewCluster(controlPlanes, clientConfiguration, pace);
      if (view.state === 'running') return true;
      if (view.state === 'none') return false;
      const reasons = view.controlPlanes
        .filter(({ machine, etcdRuns }) => machine === 'silent' || etcdRuns)
        .map(({ target, why = '' }) => `${describeTarget(target)}: ${why}`);
      last =
        view.state === 'down'
          ? `etcd runs but has no quorum (${reasons.join('; ')})`
          : `a control plane that does not answer may have an etcd already (${reasons.join('; ')})`;
      progress.status(`waiting: ${last}`);
      return undefined;
    },
    {
      timeoutSeconds: timeout,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `etcd is not bootstrapped, because after ${waited} s ${last}. Bring that machine back, or mark its node with ` +
        '`leaving: true` if it never had an etcd; then run again',
    },
  );
}

/**
 * Repeats the bootstrap call until the machine accepts it or reports that etcd is already bootstrapped. Waits for a
 * machine that has just been configured: it is in maintenance mode, then installs Talos, then reboots.
 *
 * @throws UserError on timeout, on a permanent failure, and for a machine of another cluster
 */
export async function bootstrapEtcd(
  inputs: EtcdBootstrapInputs,
  { progress, signal }: Operation,
  pace = defaultPace,
): Promise<EtcdBootstrapState['bootstrappedBy']> {
  const { cluster, node, endpoint } = inputs;
  const where = endpoint === node ? `node ${node}` : `node ${node} (dialled at ${endpoint})`;
  let last = 'no response yet';
  progress.status(`${where}: bootstrapping etcd`);
  let otherClusterSince: number | undefined;

  const onFailure = async (error: TalosError): Promise<'already' | undefined> => {
    const { failure } = error;
    if (failure === 'already-exists') return 'already';
    if (failure === 'permanent') {
      throw new UserError(`${where} refused to bootstrap etcd: ${error.message}`);
    }
    const seen = failure === 'untrusted' ? await probeUntrusted(inputs, pace.port) : undefined;
    last = seen === 'maintenance' ? 'is still in maintenance mode' : error.message;
    if (seen !== 'other-cluster') otherClusterSince = undefined;
    else if (Date.now() - (otherClusterSince ??= Date.now()) >= pace.otherClusterGraceSeconds * 1000) {
      throw new UserError(
        `${where} belongs to another cluster: its certificate was not issued by the machine CA of ${cluster} ` +
          `(${error.details}). Correct its address in the stack's nodes, or reset the machine with its own ` +
          `talosconfig first: ${resetCommand(node)}`,
      );
    }
    progress.status(`${where}: ${last}`);
    return undefined;
  };

  return pollUntil(
    async () => {
      // A new connection for each attempt: an existing one would keep failing as before the machine rebooted.
      const client = TalosClient.secure(inputs, inputs.clientConfiguration, pace.port);
      try {
        await client.bootstrap();
        return 'this run' as const;
      } catch (error) {
        if (error instanceof TalosError) return await onFailure(error);
        throw error;
      } finally {
        client.close();
      }
    },
    {
      timeoutSeconds: inputs.timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${where}: etcd is not bootstrapped after ${waited} s; last state: ${last}. ` +
        `Check its console or \`talosctl dmesg --nodes ${node}\`, then run again`,
    },
  );
}
