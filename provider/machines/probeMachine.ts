import { TalosClient, talosPort } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { probeUntrusted } from '../../clients/talos/probe';
import type { MachineTarget } from './target';

/** What a machine is to our cluster. */
export type MachineState =
  /** It has a configuration of this cluster. */
  | { state: 'member'; version: string }
  /** It has no configuration. */
  | { state: 'maintenance' }
  /** Another cluster's machine CA issued its certificate. */
  | { state: 'other-cluster'; why: string }
  /** No answer that says anything: off, rebooting, or not Talos. */
  | { state: 'silent'; why: string };

/** Asks a machine what it is, within about twice `deadlineSeconds`. Never throws: no answer is an answer. */
export async function probeMachine(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  { deadlineSeconds = 5, port = talosPort } = {},
): Promise<MachineState> {
  // A new connection for each attempt: an existing one would keep failing as before the machine rebooted.
  const client = TalosClient.secure(target, identity, port);
  try {
    return { state: 'member', version: (await client.version(deadlineSeconds)).tag };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!(error instanceof TalosError) || error.failure !== 'untrusted') return { state: 'silent', why };
    const found = await probeUntrusted(target, port);
    if (found === 'maintenance') return { state: 'maintenance' };
    return found === 'other-cluster' ? { state: 'other-cluster', why } : { state: 'silent', why };
  } finally {
    client.close();
  }
}
