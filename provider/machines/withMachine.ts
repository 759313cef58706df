import type { PeerCertificate } from 'node:tls';
import { TalosClient } from '../../clients/talos/client';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { TalosResources } from '../../clients/talos/resources';
import type { MachineTarget } from './target';

/**
 * Runs the work with both APIs of a machine of the cluster, over one connection, and closes it. It is new: an existing one would
 * keep failing as before the machine rebooted. `onCertificate` receives the machine's certificate.
 */
export async function withMachine<T>(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  port: number,
  work: (client: TalosClient, resources: TalosResources) => Promise<T>,
  onCertificate?: (served: PeerCertificate) => void,
): Promise<T> {
  const client = TalosClient.secure(target, identity, port, onCertificate);
  try {
    return await work(client, TalosResources.over(target, client));
  } finally {
    client.close();
  }
}
