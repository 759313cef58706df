import * as fs from 'node:fs';
import * as http from 'node:http';
import * as tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { findRule, routeRequest, type HostRule } from './hostTable';
import { loadAuthority, type Authority } from './pki';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the egress proxy. */
export interface ProxyConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  authority: { certificate: string; privateKey: string };
  hosts: HostRule[];
  /** Log file with one line (time, host:port, reason) for each refused request. */
  refusedLog: string;
}

/** The host and port that a client requests from the proxy. */
interface Target {
  host: string;
  port: number;
}

/**
 * Starts the lab's egress proxy. Clients connect to real host names through HTTPS_PROXY; the proxy terminates TLS with
 * a certificate of the lab's authority and forwards the request to the stand-in that the host table gives. Everything
 * else gets a 403 and is logged. HTTP/1.1 only.
 */
export async function startProxy(config: ProxyConfig): Promise<RunningServer> {
  const authority = await loadAuthority(config.authority);
  const refuse = (target: Target, reason: string): string => {
    fs.appendFileSync(config.refusedLog, `${new Date().toISOString()} ${target.host}:${target.port} ${reason}\n`);
    return `lab egress proxy: refused: ${reason}`;
  };

  const answer = (target: Target, path: string, request: http.IncomingMessage, response: http.ServerResponse): void => {
    const rule = findRule(config.hosts, target.host, target.port);
    const route =
      'host' in rule
        ? routeRequest(rule, request.method ?? 'GET', path)
        : { kind: 'refuse' as const, reason: rule.refusal };
    if (route.kind === 'forward') return forward(target, route.origin, route.path, request, response);
    request.resume();
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(`${refuse(target, route.reason)}\n`);
  };

  // Requests inside a tunnel: the CONNECT request determines the target, not the Host header.
  const targets = new WeakMap<object, Target>();
  const inner = http.createServer((request, response) => {
    const target = targets.get(request.socket);
    if (target === undefined) return void response.destroy();
    answer(target, request.url ?? '/', request, response);
  });
  inner.on('clientError', (_error, socket) => socket.destroy());

  const outer = http.createServer((request, response) => {
    // Absolute-form requests: plain http, and clients that request https URLs without a tunnel (axios).
    const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
    if (request.url === '/healthz') return void response.end('ok\n');
    if (url === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' });
      return void response.end('lab egress proxy: this is a proxy, not a web server\n');
    }
    answer(targetOf(url), `${url.pathname}${url.search}`, request, response);
  });
  outer.on('connect', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const target = parseAuthority(request.url ?? '');
    const rule = target && findRule(config.hosts, target.host, target.port);
    if (target === undefined || rule === undefined || !('host' in rule)) {
      const reason = rule === undefined || 'host' in rule ? 'the CONNECT target is not host:port' : rule.refusal;
      const body = `${refuse(target ?? { host: request.url ?? '', port: 0 }, reason)}\n`;
      // Go clients report the reason phrase but not the body, so the reason is in both.
      socket.end(
        `HTTP/1.1 403 Refused by the lab egress proxy: ${reason}\r\n` +
          `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    terminate(authority, target.host, socket)
      .then((secure) => {
        targets.set(secure, target);
        inner.emit('connection', secure);
      })
      .catch(() => socket.destroy());
  });
  const running = await listen(outer, config.port);
  return {
    port: running.port,
    close: async () => {
      inner.closeAllConnections();
      await running.close();
    },
  };
}

async function terminate(authority: Authority, host: string, socket: Duplex): Promise<tls.TLSSocket> {
  const pair = await authority.issue(host.toLowerCase());
  const secure = new tls.TLSSocket(socket, {
    isServer: true,
    secureContext: tls.createSecureContext({ cert: pair.certificate + authority.certificate, key: pair.privateKey }),
    ALPNProtocols: ['http/1.1'],
  });
  secure.on('error', () => secure.destroy());
  return secure;
}

function forward(
  target: Target,
  origin: string,
  path: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const headers = { ...request.headers, host: target.host, 'x-forwarded-host': target.host };
  delete (headers as http.OutgoingHttpHeaders)['proxy-connection'];
  delete (headers as http.OutgoingHttpHeaders)['proxy-authorization'];
  const upstream = http.request(`${origin}${path}`, { method: request.method, headers, agent: false });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', (error) => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(502, { 'content-type': 'text/plain' });
    response.end(`lab egress proxy: no response from the stand-in for ${target.host}: ${error.message}\n`);
  });
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

function targetOf(url: URL): Target {
  return { host: url.hostname, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
}

function parseAuthority(authority: string): Target | undefined {
  const [, host, port] = /^([A-Za-z0-9.-]+):(\d+)$/.exec(authority) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

if (require.main === module) runServer('lab egress proxy', startProxy);
