import { join } from 'node:path';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type ChannelCredentials,
  type Client,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { TalosClientConfiguration } from '../inputs';
import { TalosError } from './errors';
import type { EtcdMember, MachineVersion, ServiceState } from './messages';

/** One machine: the address it knows itself by and where it is dialled. */
export interface TalosTarget {
  /** Its own address; the machine's certificate must bear it. */
  node: string;
  /** What to dial, without the port. */
  endpoint: string;
}

/** Port of the Talos API on every machine. */
export const talosPort = 50000;

type Unary = (request: object, metadata: Metadata, options: object, callback: requestCallback<never>) => void;

/** Talos names its PKCS #8 keys "ED25519 PRIVATE KEY", which OpenSSL does not read. */
export function standardPem(pem: Buffer): Buffer {
  return Buffer.from(pem.toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'), 'utf8');
}

/** The calls we make to a machine. Every failure is a TalosError. */
export class TalosClient {
  private readonly client: Client;

  private constructor(
    private readonly target: TalosTarget,
    channel: ChannelCredentials,
    port: number,
  ) {
    const host = target.endpoint.includes(':') ? `[${target.endpoint}]` : target.endpoint;
    const options = {
      // Machine addresses are never reached through HTTPS_PROXY.
      'grpc.enable_http_proxy': 0,
      // A shared pool would answer with the last failure of an earlier connection, perhaps to what the machine was then.
      'grpc.use_local_subchannel_pool': 1,
      // TLS has no server name for an address; without a name Node complains of one. Talos ignores it.
      'grpc.ssl_target_name_override': 'talos',
    };
    this.client = new (machineService())(`${host}:${port}`, channel, options);
  }

  /** Mutual TLS by the cluster's machine authority. */
  static secure(target: TalosTarget, identity: TalosClientConfiguration, port = talosPort): TalosClient {
    const [ca, key, certificate] = [identity.caCertificate, identity.clientKey, identity.clientCertificate].map((pem) =>
      standardPem(Buffer.from(pem, 'base64')),
    ) as [Buffer, Buffer, Buffer];
    // The endpoint may be a detour to the machine: what must be proved is that it is the node.
    const identityCheck = (_host: string, peer: PeerCertificate) => checkServerIdentity(target.node, peer);
    const channel = credentials.createSsl(ca, key, certificate, { checkServerIdentity: identityCheck });
    return new TalosClient(target, channel, port);
  }

  /** TLS without trust and without an identity: all that a machine in maintenance mode can do. */
  static maintenance(target: TalosTarget, port = talosPort): TalosClient {
    const trustsAnyone = { rejectUnauthorized: false, checkServerIdentity: () => undefined };
    return new TalosClient(target, credentials.createSsl(null, null, null, trustsAnyone), port);
  }

  /** Closes the connection. */
  close(): void {
    this.client.close();
  }

  /** Starts etcd for the first time. ALREADY_EXISTS if it has been. */
  async bootstrap(deadlineSeconds = 30): Promise<void> {
    await this.call('Bootstrap', {}, deadlineSeconds);
  }

  async version(deadlineSeconds = 10): Promise<MachineVersion> {
    const [message] = await this.call<{ version?: MachineVersion }>('Version', {}, deadlineSeconds);
    return message?.version ?? { tag: '', arch: '' };
  }

  async services(deadlineSeconds = 10): Promise<ServiceState[]> {
    const [message] = await this.call<{ services: ServiceState[] }>('ServiceList', {}, deadlineSeconds);
    return message?.services ?? [];
  }

  async etcdMembers(deadlineSeconds = 10): Promise<EtcdMember[]> {
    const [message] = await this.call<{ members: EtcdMember[] }>('EtcdMemberList', {}, deadlineSeconds);
    return message?.members ?? [];
  }

  private call<Message>(method: string, request: object, deadlineSeconds: number): Promise<Message[]> {
    const metadata = new Metadata();
    metadata.set('node', this.target.node);
    const unary = (this.client as unknown as Record<string, Unary>)[method];
    if (!unary) throw new Error(`machine.proto has no call ${method}`);
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, response?: { messages?: (Message & WithMetadata)[] }) => {
        if (error) return reject(new TalosError(error.code, error.details));
        const messages = response?.messages ?? [];
        const failed = messages.find((message) => message.metadata?.error);
        if (failed?.metadata?.error) return reject(new TalosError(2, failed.metadata.error));
        resolve(messages);
      };
      const options = { deadline: Date.now() + deadlineSeconds * 1000 };
      unary.call(this.client, request, metadata, options, answered);
    });
  }
}

interface WithMetadata {
  metadata?: { error?: string } | null;
}

let service: ServiceClientConstructor | undefined;

function machineService(): ServiceClientConstructor {
  if (service) return service;
  const folder = join(__dirname, 'protos');
  const definition = loadSync('machine.proto', { includeDirs: [folder], longs: String, defaults: true });
  const machine = loadPackageDefinition(definition).machine as unknown as { MachineService: ServiceClientConstructor };
  return (service = machine.MachineService);
}
