import * as grpc from '@grpc/grpc-js';
import { ResourceProviderService, type IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { engineLog, type Log } from './engineLog';

/** A stand-in for an official provider. */
export interface ProviderPlugin {
  /** Display name of the official provider, such as `Kubernetes`. */
  provider: string;
  version: string;
  /** Receives the log for its messages to the engine. */
  standIn: { log: Log };
  server: Partial<IResourceProviderServer>;
}

/**
 * Serves a plugin on a free loopback port and prints the port to stdout, as the engine expects. Exits when the engine
 * exits. `args` are the plugin's command-line arguments; the last one is the engine's address.
 */
export function serve(args: readonly string[], { provider, version, standIn, server }: ProviderPlugin): void {
  const name = `lab stand-in for the ${provider} provider`;
  standIn.log = engineLog(args.at(-1) ?? '', name);
  const grpcServer = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  grpcServer.addService(ResourceProviderService, server as IResourceProviderServer);
  grpcServer.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`${name}: cannot listen: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.stderr.write(`${name} ${version}\n`);
  const parent = process.ppid;
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => process.ppid !== parent && process.exit(0), 1000).unref();
}
