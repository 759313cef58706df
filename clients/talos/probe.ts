import { status } from '@grpc/grpc-js';
import { TalosClient, type TalosTarget } from './client';
import { TalosError } from './errors';

/**
 * Finds out why the certificate of a machine is not trusted: `maintenance` (self-signed, and it accepts any client),
 * `other-cluster` (it requires a client certificate of another CA), or `unknown` (inconclusive).
 */
export async function probeUntrusted(
  target: TalosTarget,
  port?: number,
): Promise<'maintenance' | 'other-cluster' | 'unknown'> {
  const client = TalosClient.maintenance(target, port);
  try {
    await client.version(5);
    return 'maintenance';
  } catch (error) {
    if (!(error instanceof TalosError)) return 'unknown';
    // In maintenance mode, Version is Unimplemented for clients that are not admins.
    if (error.code === status.UNIMPLEMENTED || error.code === status.PERMISSION_DENIED) return 'maintenance';
    return clientCertificateRejected.test(error.details) ? 'other-cluster' : 'unknown';
  } finally {
    client.close();
  }
}

const clientCertificateRejected = /certificate required|bad certificate|unknown ca|handshake failure|alert/i;
