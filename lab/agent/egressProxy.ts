import * as http from 'node:http';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from './serviceRoutes';

/** Resolves the target of a connection; never rejects. */
export type Resolve = (host: string, port: number) => Promise<Route>;

/** Node's notation for a Unix socket that the API server calls "@name" (abstract, so it leaves no file behind). */
export function nodeSocketPath(udsName: string): string {
  return udsName.startsWith('@') ? `\0${udsName.slice(1)}` : udsName;
}

/**
 * The HTTP CONNECT proxy through which the API server dials admission webhooks (its egress selection "cluster"). Maps the
 * ClusterIP of a Service to the loopback port of the controller on the host. Refuses everything else with 503 and a reason,
 * which appears in the API server's error.
 */
export function createEgressProxy(resolve: Resolve, log: (line: string) => void): http.Server {
  const server = http.createServer((_request, response) => {
    response.writeHead(405).end('this is the admission egress proxy of the lab; it supports CONNECT only\n');
  });
  server.on('connect', (request: http.IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy());
    void connect(request.url ?? '', client, head, resolve, log);
  });
  return server;
}

async function connect(
  target: string,
  client: Duplex,
  head: Buffer,
  resolve: Resolve,
  log: (line: string) => void,
): Promise<void> {
  const match = /^\[?([^\]]*?)\]?:(\d+)$/.exec(target);
  const route: Route =
    match === null ? { refused: `"${target}" is not host:port` } : await resolve(match[1] ?? '', Number(match[2]));
  if ('refused' in route) return refuse(target, client, route.refused, log);
  const upstream = net.connect(route.port, '127.0.0.1');
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.once('error', (error) => {
    if (upstream.bytesRead > 0) client.destroy();
    else refuse(target, client, `the host process on port ${route.port} does not respond: ${error.message}`, log);
  });
  client.once('close', () => upstream.destroy());
}

function refuse(target: string, client: Duplex, reason: string, log: (line: string) => void): void {
  log(`admission egress: ${target} refused: ${reason}`);
  // The API server quotes the status line, so that is where the reason goes.
  client.end(`HTTP/1.1 503 ${reason.replace(/[^\x20-\x7e]/g, ' ')}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
