import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import type { TalosClientConfiguration } from './identity';

/** One machine: the address it knows itself by and where it is dialled. */
export interface TalosTarget {
  /** Its own address; the machine's certificate must bear it. */
  node: string;
  /** What to dial, without the port. */
  endpoint: string;
}

/** Port of the Talos API on every machine. */
export const talosPort = 50000;

/** Options of every channel to a machine. */
export const channelOptions = {
  // Machine addresses are never reached through HTTPS_PROXY.
  'grpc.enable_http_proxy': 0,
  // A shared pool would answer with the last failure of an earlier connection, perhaps to what the machine was then.
  'grpc.use_local_subchannel_pool': 1,
  // TLS has no server name for an address; without a name Node complains of one. Talos ignores it.
  'grpc.ssl_target_name_override': 'talos',
};

/** gRPC's name for an address and a port. */
export function channelAddress(endpoint: string, port: number): string {
  return `${endpoint.includes(':') ? `[${endpoint}]` : endpoint}:${port}`;
}

/** Mutual TLS by the cluster's machine authority. */
export function identityCredentials(target: TalosTarget, identity: TalosClientConfiguration): ChannelCredentials {
  const [ca, key, certificate] = [identity.caCertificate, identity.clientKey, identity.clientCertificate].map((pem) =>
    standardPem(Buffer.from(pem, 'base64')),
  ) as [Buffer, Buffer, Buffer];
  // The endpoint may be a detour to the machine: what must be proved is that it is the node.
  const identityCheck = (_host: string, peer: PeerCertificate) => checkServerIdentity(target.node, peer);
  return credentials.createSsl(ca, key, certificate, { checkServerIdentity: identityCheck });
}

/** TLS without trust and without an identity: all that a machine in maintenance mode can do. */
export function maintenanceCredentials(): ChannelCredentials {
  const trustsAnyone = { rejectUnauthorized: false, checkServerIdentity: () => undefined };
  return credentials.createSsl(null, null, null, trustsAnyone);
}

/** Talos names its PKCS #8 keys "ED25519 PRIVATE KEY", which OpenSSL does not read. */
function standardPem(pem: Buffer): Buffer {
  return Buffer.from(pem.toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'), 'utf8');
}
