import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Pair } from './pki';

/** Answers a call: a message, or for a stream its messages; to fail, throw a {@link refusal}. */
export type Answer = (request: never) => object | object[] | Promise<object | object[]>;

/** What a fake machine answers, by the call's name; calls that are not here are UNIMPLEMENTED. */
export type Answers = Record<string, Answer>;

/** A failure for an Answer to throw. */
export function refusal(code: grpc.status, details: string): Error {
  return Object.assign(new Error(details), { code, details });
}

/** A machine on a loopback address that serves the Talos machine and resource APIs over TLS. */
export class FakeMachine {
  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
    readonly port: number,
    /** May be changed while the machine runs. */
    readonly answers: Answers,
    /** Every call so far, with the `node` that it was addressed to. */
    readonly calls: { call: string; node: unknown; request: unknown }[],
  ) {}

  /** @param options.clientCa the CA of accepted clients; without it any client is, as in maintenance mode */
  static async start(options: {
    cert: Pair;
    clientCa?: string;
    answers?: Answers;
    address?: string;
    port?: number;
  }): Promise<FakeMachine> {
    const { answers = {}, address = '127.0.0.1', clientCa } = options;
    const server = new grpc.Server();
    const calls: FakeMachine['calls'] = [];
    for (const service of services()) server.addService(service, implementation(service, answers, calls));
    const keys = [{ cert_chain: Buffer.from(options.cert.cert), private_key: Buffer.from(options.cert.key) }];
    const ca = clientCa === undefined ? null : Buffer.from(clientCa);
    const credentials = grpc.ServerCredentials.createSsl(ca, keys, ca !== null);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${address}:${options.port ?? 0}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return new FakeMachine(server, address, port, answers, calls);
  }

  /** The requests of one call so far. */
  requests(call: string): unknown[] {
    return this.calls.filter((made) => made.call === call).map(({ request }) => request);
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

function implementation(
  service: grpc.ServiceDefinition,
  answers: Answers,
  calls: FakeMachine['calls'],
): grpc.UntypedServiceImplementation {
  const answer = async (name: string, call: grpc.ServerUnaryCall<never, object>): Promise<object> => {
    calls.push({ call: name, node: call.metadata.get('node')[0], request: call.request });
    const found = answers[name];
    if (found === undefined) throw refusal(grpc.status.UNIMPLEMENTED, `unknown method ${name}`);
    return found(call.request);
  };
  const entries = Object.entries(service).map(([name, { responseStream }]) => {
    if (!responseStream) {
      const unary: grpc.handleUnaryCall<never, object> = (call, callback) =>
        void answer(name, call).then((message) => callback(null, message), callback);
      return [name, unary] as const;
    }
    const stream: grpc.handleServerStreamingCall<never, object> = (call) =>
      void answer(name, call as never).then(
        (messages) => {
          for (const message of messages as object[]) call.write(message);
          call.end();
        },
        (error: Error) => call.emit('error', error),
      );
    return [name, stream] as const;
  });
  return Object.fromEntries(entries);
}

let loaded: grpc.ServiceDefinition[] | undefined;

function services(): grpc.ServiceDefinition[] {
  if (loaded !== undefined) return loaded;
  const includeDirs = [join(__dirname, '../../../clients/talos/protos')];
  const machine = loadSync('machine.proto', { includeDirs, enums: String, longs: String, defaults: true });
  const state = loadSync('state.proto', { includeDirs, keepCase: true, defaults: true });
  const { MachineService } = grpc.loadPackageDefinition(machine).machine as unknown as {
    MachineService: grpc.ServiceClientConstructor;
  };
  const { resource } = grpc.loadPackageDefinition(state).cosi as unknown as {
    resource: { State: grpc.ServiceClientConstructor };
  };
  return (loaded = [MachineService.service, resource.State.service]);
}

/** The archive in which Talos 1.11 sends a kubeconfig: without the padding and the end of a tar. */
export function kubeconfigArchive(kubeconfig: string): Buffer {
  const content = Buffer.from(kubeconfig);
  const header = Buffer.alloc(512);
  header.write('kubeconfig', 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  return gzipSync(Buffer.concat([header, content]));
}

/** A resource in a response of List; a text is the configuration in a MachineConfig. */
export function listed(id: string, spec: string | object): object {
  const resource =
    typeof spec === 'string'
      ? { metadata: { id }, spec: { proto_spec: lengthDelimited(1, spec), yaml_spec: '' } }
      : { metadata: { id }, spec: { yaml_spec: JSON.stringify(spec) } };
  return { resource };
}

/** A protobuf message with one text field. */
export function lengthDelimited(field: number, text: string): Buffer {
  const content = Buffer.from(text);
  const length: number[] = [];
  for (let left = content.length; ; left >>= 7) {
    if (left < 128) {
      length.push(left);
      break;
    }
    length.push((left & 127) | 128);
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), content]);
}
