import * as http from 'node:http';
import { listen, runServer, type RunningServer } from '../runServer';
import { findToken, statusOf } from './authorization';
import { findRoute, runRoute } from './router';
import { CloudflareStore, type SeedAccount, type SeedToken } from './store';
import { CloudflareError, refusal, type StoredToken } from './types';

/** Configuration of the Cloudflare stand-in. The file holds tokens: 0600. */
export interface CloudflareConfig {
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** Where everything is kept (0600): values of tokens and secrets of tunnels, too. */
  stateFile: string;
  /** Accounts of the one user, with the names of their zones. */
  accounts: SeedAccount[];
  tokens: SeedToken[];
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/**
 * Starts the stand-in for the Cloudflare API (v4): accounts, zones, DNS records, zone settings, tunnels, the user's API
 * tokens, Access applications and policies, for one user who may do everything, and tokens that may do what their
 * policies say. Codes and messages of errors are Cloudflare's where they are publicly known. Not built: plans and their
 * limits, rate limits, several users, connections of tunnels.
 */
export function startCloudflare(config: CloudflareConfig): Promise<RunningServer> {
  const store = new CloudflareStore(config.stateFile, config.accounts, config.tokens);
  const server = http.createServer((request, response) => {
    const send = ({ status, body }: Answer): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    handle(store, request).then(send, (error: unknown) => {
      const known = error instanceof CloudflareError ? error : refusal(500, 10001, 'Internal server error');
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
  const [, pathname] = /^\/client\/v4(\/.*)$/.exec(url.pathname) ?? [];
  if (pathname === undefined) throw refusal(404, 7000, 'No route for that URI');

  const now = new Date();
  const token = findToken(store.state, request.headers.authorization);
  if (method === 'GET' && pathname === '/user/tokens/verify') return verify(token, now);
  if (token === undefined || statusOf(token, now) !== 'active') throw refusal(403, 9109, 'Invalid access token');
  token.last_used_on = now.toISOString();

  const target = findRoute(method, pathname);
  const body = ['GET', 'DELETE'].includes(method) ? {} : parse(text);
  const result = runRoute(target, { store, token, query: url.searchParams, body, now });
  return { status: 200, body: envelope(result, url.searchParams) };
}

/** The one call that a token may always make: what has become of it. */
function verify(token: StoredToken | undefined, now: Date): Answer {
  if (token === undefined) throw refusal(401, 1000, 'Invalid API Token');
  const status = statusOf(token, now);
  const { id, expires_on, not_before } = token;
  const messages =
    status === 'active' ? [{ code: 10000, message: 'This API Token is valid and active', type: null }] : [];
  const result = { id, status, ...(expires_on && { expires_on }), ...(not_before && { not_before }) };
  return { status: 200, body: { success: true, errors: [], messages, result } };
}

/** Lists come in pages. */
function envelope(result: unknown, query: URLSearchParams): Record<string, unknown> {
  const base = { success: true, errors: [], messages: [] };
  if (!Array.isArray(result)) return { ...base, result };
  const number = (key: string, otherwise: number): number =>
    Math.max(1, Number(query.get(key) ?? otherwise) || otherwise);
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
    // Not JSON: the same answer as JSON that is no object.
  }
  throw refusal(400, 6007, 'Malformed JSON in request body');
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

if (require.main === module) runServer('lab Cloudflare stand-in', startCloudflare);
