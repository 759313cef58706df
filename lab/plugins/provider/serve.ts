import * as grpc from '@grpc/grpc-js';
import { ResourceProviderService, type IResourceProviderServer } from '@pulumi/pulumi/proto/provider_grpc_pb';
import { engineLog, type Log } from './engineLog';

/** A stand-in for an official provider, by the provider's proper name. */
export interface Served {
  /** Such as `Kubernetes`. */
  provider: string;
  version: string;
  /** Where the stand-in leaves its messages to the engine. */
  standIn: { log: Log };
  server: Partial<IResourceProviderServer>;
}

/**
 * Serves on a free loopback port, printed on stdout as the engine expects; ends when the engine is gone. `args` are those
 * of the engine, whose own address is the last.
 */
export function serve(args: readonly string[], { provider, version, standIn, server }: Served): void {
  const what = `lab stand-in for the ${provider} provider`;
  standIn.log = engineLog(args.at(-1) ?? '', what);
  const grpcServer = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 });
  grpcServer.addService(ResourceProviderService, server as IResourceProviderServer);
  grpcServer.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`${what}: cannot listen: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.stderr.write(`${what} ${version}\n`);
  const parent = process.ppid;
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => process.ppid !== parent && process.exit(0), 1000).unref();
}
