import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import type { TalosClientConfiguration } from './identity';

/** A machine: its own address, and the address to dial. */
export interface TalosTarget {
  /** The machine's own address, which its certificate must contain. */
  node: string;
  /** The address to dial, without a port. */
  endpoint: string;
}

/** Port of the Talos API. */
export const talosPort = 50000;

/** gRPC options of every channel to a machine. */
export const channelOptions = {
  // Machines are never reached through HTTPS_PROXY.
  'grpc.enable_http_proxy': 0,
  // A shared pool would return the last failure of an earlier connection, perhaps from before the machine rebooted.
  'grpc.use_local_subchannel_pool': 1,
  // An IP address is not a valid TLS server name, and Node warns about it. Talos ignores the name.
  'grpc.ssl_target_name_override': 'talos',
};

/** gRPC target name of an address and a port. */
export function channelAddress(endpoint: string, port: number): string {
  return `${endpoint.includes(':') ? `[${endpoint}]` : endpoint}:${port}`;
}

/** Mutual TLS, based on the machine CA of the cluster. */
export function identityCredentials(
  target: TalosTarget,
  identity: TalosClientConfiguration,
  onCertificate?: (served: PeerCertificate) => void,
): ChannelCredentials {
  const [ca, key, certificate] = [identity.caCertificate, identity.clientKey, identity.clientCertificate].map((pem) =>
    standardPem(Buffer.from(pem, 'base64')),
  ) as [Buffer, Buffer, Buffer];
  // The dialled address may differ from the node's (dialOverrides); the certificate must be that of the node.
  const identityCheck = (_host: string, peer: PeerCertificate) => {
    onCertificate?.(peer);
    return checkServerIdentity(target.node, peer);
  };
  return credentials.createSsl(ca, key, certificate, { checkServerIdentity: identityCheck });
}

/** TLS without verifying the server and without a client certificate, as maintenance mode requires. */
export function maintenanceCredentials(): ChannelCredentials {
  const anyServer = { rejectUnauthorized: false, checkServerIdentity: () => undefined };
  return credentials.createSsl(null, null, null, anyServer);
}

/** Talos labels its PKCS #8 keys "ED25519 PRIVATE KEY", which OpenSSL does not accept. */
export function standardPem(pem: Buffer): Buffer {
  return Buffer.from(pem.toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'), 'utf8');
}
