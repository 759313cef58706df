import * as http from 'node:http';
import { listen, runServer, type RunningServer } from '../runServer';
import { findToken, statusOf } from './authorization';
import { isConnection } from './connections';
import { findRoute, runRoute } from './router';
import { CloudflareStore, type SeedAccount, type SeedToken } from './store';
import { CloudflareError, cloudflareError, type StoredToken } from './types';

/** Configuration of the Cloudflare stand-in. Its file contains tokens and must be 0600. */
export interface CloudflareConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  /** File that stores the state (0600), including token values and tunnel secrets. */
  stateFile: string;
  /** Accounts of the single user, with the names of their zones. */
  accounts: SeedAccount[];
  tokens: SeedToken[];
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/**
 * Starts the stand-in for the Cloudflare API (v4): accounts, zones, DNS records, zone settings, tunnels, the user's API
 * tokens, Access applications and policies. There is one user with full access, and token policies are enforced. Error
 * codes and messages are Cloudflare's where they are publicly known. Not implemented: plans and their limits, rate
 * limits, multiple users, what tunnels carry. Connections are those that the lab's stand-ins of cloudflared report; a tunnel that has
 * some can be deleted all the same.
 */
export function startCloudflare(config: CloudflareConfig): Promise<RunningServer> {
  const store = new CloudflareStore(config.stateFile, config.accounts, config.tokens);
  const server = http.createServer((request, response) => {
    const send = ({ status, body }: Answer): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    handle(store, request).then(send, (error: unknown) => {
      const known = error instanceof CloudflareError ? error : cloudflareError(500, 10001, 'Internal server error');
      send({ status: known.status, body: { success: false, errors: known.errors, messages: [], result: null } });
    });
  });
  return listen(server, config.port);
}

async function handle(store: CloudflareStore, request: http.IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://cloudflare');
  const method = request.method ?? 'GET';
  const text = await readBody(request);
  if (url.pathname === '/healthz') return { status: 200, body: { name: 'Cloudflare API (lab stand-in)' } };
  if (isConnection(request)) {
    store.connections.register(store.state.accounts, parse(text), new Date());
    return { status: 200, body: {} };
  }
  const [, pathname] = /^\/client\/v4(\/.*)$/.exec(url.pathname) ?? [];
  if (pathname === undefined) throw cloudflareError(404, 7000, 'No route for that URI');

  const now = new Date();
  const token = findToken(store.state, request.headers.authorization);
  if (method === 'GET' && pathname === '/user/tokens/verify') return verify(token, now);
  if (token === undefined || statusOf(token, now) !== 'active')
    throw cloudflareError(403, 9109, 'Invalid access token');
  token.last_used_on = now.toISOString();

  const match = findRoute(method, pathname);
  const body = ['GET', 'DELETE'].includes(method) ? {} : parse(text);
  const result = runRoute(match, { store, token, query: url.searchParams, body, now });
  return { status: 200, body: envelope(result, url.searchParams) };
}

/** `GET /user/tokens/verify`, the only call allowed for every token: returns its status. */
function verify(token: StoredToken | undefined, now: Date): Answer {
  if (token === undefined) throw cloudflareError(401, 1000, 'Invalid API Token');
  const status = statusOf(token, now);
  const { id, expires_on, not_before } = token;
  const messages =
    status === 'active' ? [{ code: 10000, message: 'This API Token is valid and active', type: null }] : [];
  const result = { id, status, ...(expires_on && { expires_on }), ...(not_before && { not_before }) };
  return { status: 200, body: { success: true, errors: [], messages, result } };
}

/** The response body of a result; lists are paginated. */
function envelope(result: unknown, query: URLSearchParams): Record<string, unknown> {
  const base = { success: true, errors: [], messages: [] };
  if (!Array.isArray(result)) return { ...base, result };
  const number = (key: string, fallback: number): number => Math.max(1, Number(query.get(key) ?? fallback) || fallback);
  const [page, size] = [number('page', 1), number('per_page', 20)];
  const shown: unknown[] = result.slice((page - 1) * size, page * size);
  const info = {
    page,
    per_page: size,
    count: shown.length,
    total_count: result.length,
    total_pages: Math.ceil(result.length / size),
  };
  return { ...base, result: shown, result_info: info };
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Falls through: invalid JSON and JSON that is not an object give the same error.
  }
  throw cloudflareError(400, 6007, 'Malformed JSON in request body');
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

if (require.main === module) runServer('lab Cloudflare stand-in', startCloudflare);
