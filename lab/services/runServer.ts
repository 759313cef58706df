import type * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readJson } from '../files';

/** A listening server. */
export interface RunningServer {
  port: number;
  /** Closes all connections and stops listening. */
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1; 0 picks a free one. */
export async function listen(server: http.Server, port: number): Promise<RunningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Entry point of a service process: `node bin/run.js <file> <config.json>`. Starts the server, prints one line
 * with its name and port once it listens, and shuts down on SIGTERM and SIGINT.
 */
export function runServer<Config>(
  name: string,
  start: (config: Config) => Promise<RunningServer>,
  argv: string[] = process.argv,
): void {
  const [, , file] = argv;
  const run = async (): Promise<void> => {
    if (file === undefined) throw new Error('missing argument: the path of a JSON configuration file');
    const config = readJson<Config>(file);
    if (config === undefined) throw new Error(`${file} does not exist`);
    const server = await start(config);
    const stop = (): void => void server.close().then(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    console.log(`${name} ready on 127.0.0.1:${server.port}`);
  };
  run().catch((error: unknown) => {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
