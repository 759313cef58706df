import { pollUntil } from '../../clients/process/pollUntil';
import { TalosClient } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { UserError } from '../../clients/userError';
import { configurationDocuments } from '../../cluster/rollout/configurationDocuments';
import { secretTexts } from '../../cluster/talos/secretPaths';
import type { Operation } from '../engine/implementation';
import type { Pace } from './pace';
import { describeTarget, type MachineTarget } from './target';

/** A machine, and the configuration whose secrets its messages may quote. */
export interface Callee {
  target: MachineTarget;
  identity: TalosClientConfiguration;
  configuration: string;
}

/** As to a machine in maintenance mode, or with the identity of the cluster. */
export type Connection = 'maintenance' | 'secure';

/** One call to the machine, repeated while it may still be starting; its refusal becomes a message without secrets. */
export async function callMachine<T>(
  request: Callee,
  connection: Connection,
  work: (client: TalosClient) => Promise<T>,
  { signal }: Operation,
  { port, intervalMilliseconds }: Pace,
): Promise<T> {
  const { target, identity } = request;
  let last = '';
  const attempt = async (): Promise<{ result: T } | undefined> => {
    const client =
      connection === 'secure' ? TalosClient.secure(target, identity, port) : TalosClient.maintenance(target, port);
    try {
      return { result: await work(client) };
    } catch (error) {
      if (!(error instanceof TalosError)) throw error;
      last = withoutSecrets(error.message, request);
      if (error.failure === 'transient') return undefined;
      throw new UserError(`${describeTarget(target)} refuses its configuration: ${last}`);
    } finally {
      client.close();
    }
  };
  const { result } = await pollUntil(attempt, {
    timeoutSeconds: callTimeoutSeconds,
    intervalMilliseconds,
    signal,
    timedOut: (waited) => `${describeTarget(target)} does not take its configuration after ${waited} s: ${last}`,
  });
  return result;
}

const callTimeoutSeconds = 120;

/** Talos quotes fields of the configuration in its messages. */
export function withoutSecrets(text: string, { configuration }: Pick<Callee, 'configuration'>): string {
  const secrets = [...configurationDocuments(configuration)].flatMap(([name, content]) => secretTexts(name, content));
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '(secret)'), text);
}
