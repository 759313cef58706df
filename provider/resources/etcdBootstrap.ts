import { z } from 'zod';
import type { Implementation, Operation } from '../engine/implementation';
import type { EtcdBootstrapInputs } from './inputs';
import { UserError } from '../../clients/userError';
import { pollUntil } from '../../clients/process/pollUntil';
import { nonEmpty, timeoutSeconds } from './schemas';
import { TalosClient, talosPort } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { probeUntrusted } from '../../clients/talos/probe';

/** What is recorded of the bootstrap. */
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

/** Bootstraps etcd unless it runs; refuses a machine of another cluster. */
export const etcdBootstrap: Implementation<EtcdBootstrapInputs, EtcdBootstrapState> = {
  schema,
  connection: ['clientConfiguration'],
  secrets: ['clientConfiguration'],
  create: async (inputs, operation) => {
    const startedAt = new Date().toISOString();
    const bootstrappedBy = await bootstrapEtcd(inputs, operation);
    const { timeoutSeconds: _timeout, ...recorded } = inputs;
    operation.progress.info(bootstrappedBy === 'already' ? 'etcd was bootstrapped before' : 'etcd is bootstrapped');
    const outputs = { ...recorded, bootstrappedBy, startedAt, finishedAt: new Date().toISOString() };
    return { id: inputs.cluster, outputs };
  },
};

/** Intervals that tests shorten. */
export interface BootstrapPace {
  intervalMilliseconds: number;
  /** How long a machine may look like another cluster's before it is taken for one: it may be about to reboot. */
  otherClusterGraceSeconds: number;
  port: number;
}
const usualPace: BootstrapPace = { intervalMilliseconds: 2_000, otherClusterGraceSeconds: 20, port: talosPort };

/**
 * Asks until the machine takes the call, says that it had been made, or time is up. A machine that was just configured
 * is in maintenance mode, then installs, then reboots: all that is waited for.
 */
export async function bootstrapEtcd(
  inputs: EtcdBootstrapInputs,
  { progress, signal }: Operation,
  pace = usualPace,
): Promise<EtcdBootstrapState['bootstrappedBy']> {
  const { cluster, node, endpoint } = inputs;
  const where = endpoint === node ? `node ${node}` : `node ${node} (dialled at ${endpoint})`;
  let last = 'has not answered yet';
  progress.status(`${where}: asking it to bootstrap etcd`);
  let foreignSince: number | undefined;

  const onFailure = async (error: TalosError): Promise<'already' | undefined> => {
    const { failure } = error;
    if (failure === 'already-exists') return 'already';
    if (failure === 'final') {
      throw new UserError(`${where} refused to bootstrap etcd: ${error.message}`);
    }
    const seen = failure === 'not-trusted' ? await probeUntrusted(inputs, pace.port) : undefined;
    last = seen === 'maintenance' ? 'is still in maintenance mode' : error.message;
    if (seen !== 'other-cluster') foreignSince = undefined;
    else if (Date.now() - (foreignSince ??= Date.now()) >= pace.otherClusterGraceSeconds * 1000) {
      throw new UserError(
        `${where} belongs to another cluster: it runs with a certificate that is not of the machine authority of ` +
          `${cluster} (${error.details}). Correct its address in the stack's nodes, or reset the machine first: ` +
          `talosctl reset --nodes ${node}`,
      );
    }
    progress.status(`${where}: ${last}`);
    return undefined;
  };

  return pollUntil(
    async () => {
      // A new connection each time: an old one would go on reporting what the machine was before it rebooted.
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
        `${where}: etcd is not bootstrapped after ${waited} s; the machine last: ${last}. ` +
        'Look at its console, or at `talosctl dmesg`, then run again',
    },
  );
}
