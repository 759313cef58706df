import * as http from 'node:http';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from './serviceRoutes';

/** Finds where a connection goes; never rejects. */
export type Resolve = (host: string, port: number) => Promise<Route>;

/** Node's spelling of a Unix socket that the API server calls "@name" (an abstract one, which leaves no file behind). */
export function nodeSocketPath(udsName: string): string {
  return udsName.startsWith('@') ? `\0${udsName.slice(1)}` : udsName;
}

/**
 * The HTTP CONNECT proxy through which the API server dials admission webhooks (its egress selection "cluster"): the
 * ClusterIP of a Service becomes the loopback port of the controller that runs on the host, everything else is refused
 * with 503 and a reason that shows up in the API server's own error.
 */
export function createEgressProxy(resolve: Resolve, log: (line: string) => void): http.Server {
  const server = http.createServer((_request, response) => {
    response.writeHead(405).end('this is the admission egress proxy of the lab; it only answers CONNECT\n');
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
    else refuse(target, client, `the host process on port ${route.port} does not answer: ${error.message}`, log);
  });
  client.once('close', () => upstream.destroy());
}

function refuse(target: string, client: Duplex, reason: string, log: (line: string) => void): void {
  log(`admission egress: ${target} refused: ${reason}`);
  // The API server quotes the status line, so the reason belongs there.
  client.end(`HTTP/1.1 503 ${reason.replace(/[^\x20-\x7e]/g, ' ')}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
