import type * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readJson } from '../files';

/** A server of the outside world that listens. */
export interface RunningServer {
  /** The port it listens on. */
  port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Listens on a loopback port (0: any free one). */
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
 * Main of a world server's process: `node --require tsx/cjs <file> <config.json>`. Prints one line once it serves, which
 * says what it stands in for; ends on TERM and INT.
 */
export function runServer<Config>(
  what: string,
  start: (config: Config) => Promise<RunningServer>,
  argv: string[] = process.argv,
): void {
  const [, , file] = argv;
  const run = async (): Promise<void> => {
    if (file === undefined) throw new Error('wanted: the path of a JSON configuration file');
    const config = readJson<Config>(file);
    if (config === undefined) throw new Error(`${file} is not there`);
    const server = await start(config);
    const stop = (): void => void server.close().then(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    console.log(`${what} ready on 127.0.0.1:${server.port}`);
  };
  run().catch((error: unknown) => {
    console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
