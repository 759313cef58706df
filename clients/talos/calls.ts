import { join } from 'node:path';
import {
  loadPackageDefinition,
  Metadata,
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { channelAddress, channelOptions, type TalosTarget } from './dial';
import { TalosError } from './errors';

type Unary = (request: object, metadata: Metadata, options: object, callback: requestCallback<never>) => void;
type Streaming = (request: object, metadata: Metadata, options: object) => ClientReadableStream<WithMetadata>;

/** A connection to the machine service of one machine. Every failed call throws a TalosError. */
export class MachineCalls {
  private readonly client: Client;

  constructor(
    private readonly target: TalosTarget,
    channel: ChannelCredentials,
    port: number,
  ) {
    this.client = new (machineService())(channelAddress(target.endpoint, port), channel, channelOptions);
  }

  /** The connection, for other services of the machine. */
  get channel(): ReturnType<Client['getChannel']> {
    return this.client.getChannel();
  }

  close(): void {
    this.client.close();
  }

  /** The messages of the response; a machine that is dialled directly sends one. */
  unary<Message>(method: string, request: object, deadlineSeconds: number): Promise<Message[]> {
    const unary = this.method<Unary>(method);
    return new Promise((resolve, reject) => {
      const callback = (error: ServiceError | null, response?: { messages?: (Message & WithMetadata)[] }) => {
        if (error) return reject(new TalosError(error.code, error.details));
        const messages = response?.messages ?? [];
        const failed = messages.map(failureOf).find((failure) => failure !== undefined);
        if (failed !== undefined) return reject(failed);
        resolve(messages);
      };
      unary.call(this.client, request, this.metadata(), deadlineIn(deadlineSeconds), callback);
    });
  }

  /** Passes every message of a stream to `receive` until the stream ends; `receive` returns true to stop it earlier. */
  stream<Message>(
    method: string,
    request: object,
    deadlineSeconds: number,
    receive: (message: Message) => boolean | void,
  ): Promise<void> {
    const streaming = this.method<Streaming>(method);
    return new Promise((resolve, reject) => {
      const stream = streaming.call(this.client, request, this.metadata(), deadlineIn(deadlineSeconds));
      stream.on('data', (message: Message & WithMetadata) => {
        const failed = failureOf(message);
        if (failed !== undefined) reject(failed);
        if (failed === undefined && receive(message) !== true) return;
        resolve();
        stream.cancel();
      });
      stream.on('error', (error: ServiceError) => reject(new TalosError(error.code, error.details)));
      stream.on('end', () => resolve());
    });
  }

  private metadata(): Metadata {
    const metadata = new Metadata();
    metadata.set('node', this.target.node);
    return metadata;
  }

  private method<Call>(name: string): Call {
    const call = (this.client as unknown as Record<string, Call>)[name];
    if (call === undefined) throw new Error(`machine.proto has no call ${name}`);
    return call;
  }
}

interface WithMetadata {
  metadata?: { error?: string } | null;
}

/** The error of the node itself, which the proxy in front of it passes on in the message. */
function failureOf({ metadata }: WithMetadata): TalosError | undefined {
  return metadata?.error ? new TalosError(2, metadata.error) : undefined;
}

function deadlineIn(seconds: number): { deadline: number } {
  return { deadline: Date.now() + seconds * 1000 };
}

let definition: PackageDefinition | undefined;

/** The messages and calls of `machine.proto`: numbers of 64 bits as decimal text, enums by their names. */
export function machineProto(): PackageDefinition {
  const includeDirs = [join(__dirname, 'protos')];
  return (definition ??= loadSync('machine.proto', { includeDirs, longs: String, enums: String, defaults: true }));
}

let service: ServiceClientConstructor | undefined;

function machineService(): ServiceClientConstructor {
  if (service) return service;
  const machine = loadPackageDefinition(machineProto()).machine as unknown as {
    MachineService: ServiceClientConstructor;
  };
  return (service = machine.MachineService);
}
