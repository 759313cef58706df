import * as z from 'zod';
import { pollUntil } from '../../clients/process/pollUntil';
import { TalosClient, talosPort } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { probeUntrusted } from '../../clients/talos/probe';
import { UserError } from '../../clients/userError';
import { resetCommand } from '../../cluster/talos/commands';
import type { Implementation, Operation } from '../engine/implementation';
import type { EtcdBootstrapInputs } from './inputs';
import { nonEmpty, timeoutSeconds } from './inputSchemas';

/** State of the bootstrap. */
export interface EtcdBootstrapState {
  cluster: string;
  node: string;
  endpoint: string;
  clientConfiguration: TalosClientConfiguration;
  startedAt: string;
  finishedAt: string;
  bootstrappedBy: 'this run' | 'already';
}

const schema: z.ZodType<EtcdBootstrapInputs> = z.object({
  cluster: nonEmpty,
  node: nonEmpty,
  endpoint: nonEmpty,
  clientConfiguration: z.object({ caCertificate: nonEmpty, clientCertificate: nonEmpty, clientKey: nonEmpty }),
  timeoutSeconds,
});

/** Bootstraps etcd unless it is already running; rejects a machine of another cluster. */
export const etcdBootstrap: Implementation<EtcdBootstrapInputs, EtcdBootstrapState> = {
  schema,
  connectionInputs: ['clientConfiguration'],
  secretProperties: ['clientConfiguration'],
  create: async (inputs, operation) => {
    const startedAt = new Date().toISOString();
    const bootstrappedBy = await bootstrapEtcd(inputs, operation);
    const { timeoutSeconds: _timeout, ...recorded } = inputs;
    operation.progress.info(bootstrappedBy === 'already' ? 'etcd was already bootstrapped' : 'etcd is bootstrapped');
    const outputs = { ...recorded, bootstrappedBy, startedAt, finishedAt: new Date().toISOString() };
    return { id: inputs.cluster, outputs };
  },
};

/** Timing and port, which tests override. */
export interface BootstrapPace {
  intervalMilliseconds: number;
  /** How long a machine may look like one of another cluster before this is an error: it may be about to reboot. */
  otherClusterGraceSeconds: number;
  port: number;
}
const defaultPace: BootstrapPace = { intervalMilliseconds: 2_000, otherClusterGraceSeconds: 20, port: talosPort };

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
