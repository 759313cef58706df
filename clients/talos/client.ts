import { join } from 'node:path';
import {
  loadPackageDefinition,
  Metadata,
  type ChannelCredentials,
  type Client,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  channelAddress,
  channelOptions,
  identityCredentials,
  maintenanceCredentials,
  talosPort,
  type TalosTarget,
} from './dial';
import { TalosError } from './errors';
import type { TalosClientConfiguration } from './identity';
import type { EtcdMember, MachineVersion, ServiceState } from './messages';

export { talosPort, type TalosTarget } from './dial';

type Unary = (request: object, metadata: Metadata, options: object, callback: requestCallback<never>) => void;

/** A client for the calls of the Talos machine API that we use. Every failed call throws a TalosError. */
export class TalosClient {
  private readonly client: Client;

  private constructor(
    private readonly target: TalosTarget,
    channel: ChannelCredentials,
    port: number,
  ) {
    this.client = new (machineService())(channelAddress(target.endpoint, port), channel, channelOptions);
  }

  /** Connects with mutual TLS, based on the machine CA of the cluster. */
  static secure(target: TalosTarget, identity: TalosClientConfiguration, port = talosPort): TalosClient {
    return new TalosClient(target, identityCredentials(target, identity), port);
  }

  /** Connects without verifying the server and without a client certificate, as maintenance mode requires. */
  static maintenance(target: TalosTarget, port = talosPort): TalosClient {
    return new TalosClient(target, maintenanceCredentials(), port);
  }

  /** Closes the connection. */
  close(): void {
    this.client.close();
  }

  /** Bootstraps etcd. Fails with ALREADY_EXISTS if it has been bootstrapped before. */
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
      const callback = (error: ServiceError | null, response?: { messages?: (Message & WithMetadata)[] }) => {
        if (error) return reject(new TalosError(error.code, error.details));
        const messages = response?.messages ?? [];
        const failed = messages.find((message) => message.metadata?.error);
        if (failed?.metadata?.error) return reject(new TalosError(2, failed.metadata.error));
        resolve(messages);
      };
      const options = { deadline: Date.now() + deadlineSeconds * 1000 };
      unary.call(this.client, request, metadata, options, callback);
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
