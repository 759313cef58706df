import { status } from '@grpc/grpc-js';
import { TalosClient, type TalosTarget } from './client';
import { TalosError } from './errors';

/**
 * What a machine is whose certificate we do not trust: `maintenance` (it talks to anyone, its certificate is its own),
 * `other-cluster` (it demands a certificate of an authority that is not ours), or `unknown` (no clear answer now).
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
    // In maintenance mode Version is Unimplemented for those who are not admins.
    if (error.code === status.UNIMPLEMENTED || error.code === status.PERMISSION_DENIED) return 'maintenance';
    return meansClientCertificate.test(error.details) ? 'other-cluster' : 'unknown';
  } finally {
    client.close();
  }
}

const meansClientCertificate = /certificate required|bad certificate|unknown ca|handshake failure|alert/i;
