import * as http from 'node:http';
import { matchesFilter } from './filter';
import { patchItem, readItem, summarize } from './item';
import { ConnectStore, itemOf } from './store';
import { verifyConnectToken } from './token';
import { ConnectError, type ConnectVault, type SeedItem, type VaultAccess } from './types';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the Connect stand-in. */
export interface ConnectConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  /** File that stores the vaults (0600). */
  stateFile: string;
  /** Public key (PEM) that verifies its tokens. */
  tokenKey: string;
  /** Initial vaults by name, with their items. */
  vaults: Record<string, SeedItem[]>;
  /** Delay until readers see a write. The real server takes up to a few seconds. */
  lagMilliseconds: number;
}

interface Answer {
  status: number;
  body?: unknown;
  /** Plain-text response, sent instead of `body`. */
  text?: string;
}

const version = '1.8.1';

/**
 * Starts the stand-in for a 1Password Connect server: API v1 for vaults and items, bearer tokens that grant access to
 * the vaults they name, errors as `{status, message}` with the real server's messages where they are known. An expired
 * token gets the same error as an invalid one. Reads lag behind writes, and concurrent writes to one vault conflict.
 * Not implemented: files, activity.
 */
export function startConnect(config: ConnectConfig): Promise<RunningServer> {
  const store = new ConnectStore(config.stateFile, config.vaults, config.lagMilliseconds);
  const server = http.createServer((request, response) => {
    const send = ({ status, body, text }: Answer): void => {
      if (body !== undefined) response.setHeader('content-type', 'application/json');
      response.writeHead(status).end(body === undefined ? text : `${JSON.stringify(body)}\n`);
    };
    handle(config, store, request).then(send, (error: unknown) => {
      const known = error instanceof ConnectError ? error : new ConnectError(500, 'Internal server error');
      send({ status: known.status, body: { status: known.status, message: known.message } });
    });
  });
  return listen(server, config.port);
}

async function handle(config: ConnectConfig, store: ConnectStore, request: http.IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://connect');
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  if (url.pathname === '/heartbeat') return { status: 200, text: '.' };
  if (url.pathname === '/health') return { status: 200, body: health() };
  // The JavaScript client requests "/v1/vaults/?filter=…".
  const [, api, collection, vaultId, items, itemId, ...more] = url.pathname.replace(/\/+$/, '').split('/');
  if (api !== 'v1' || collection !== 'vaults' || (items !== undefined && items !== 'items') || more.length > 0) {
    throw new ConnectError(404, `Path ${url.pathname} is not supported by the lab's Connect stand-in`);
  }
  const access = accessOf(request.headers.authorization, config.tokenKey);
  const filter = url.searchParams.get('filter') ?? undefined;
  const granted = (vault: ConnectVault): VaultAccess[string] | undefined => access.get(vault.id);

  if (vaultId === undefined) {
    if (method !== 'GET') throw notAllowed(method);
    const visible = store.all().filter((vault) => granted(vault) !== undefined);
    return {
      status: 200,
      body: visible.filter((v) => matchesFilter(filter, 'vault', { title: v.name })).map(showVault),
    };
  }
  if (!/^[a-z0-9]{26}$/.test(vaultId)) throw new ConnectError(400, 'Invalid Vault UUID');
  const vault = store.all().find((candidate) => candidate.id === vaultId);
  // Connect returns the same error for a vault that the token cannot access and for one that does not exist.
  if (vault === undefined || granted(vault) === undefined) {
    throw new ConnectError(403, 'Authorization: token does not have access to vault');
  }
  if (items === undefined) {
    if (method !== 'GET') throw notAllowed(method);
    return { status: 200, body: showVault(vault) };
  }
  if (method !== 'GET' && granted(vault) !== 'write') {
    throw new ConnectError(401, 'Unauthorized Request, token does not have write access to the Vault');
  }
  if (itemId === undefined) {
    if (method === 'GET') {
      const found = store.items(vault).filter((item) => matchesFilter(filter, 'item', item));
      return { status: 200, body: found.map(summarize) };
    }
    if (method !== 'POST') throw notAllowed(method);
    const item = readItem(parse(body), vault.id);
    await store.write(vault, (all) => [undefined, [...all, item]]);
    return { status: 200, body: item };
  }
  if (!/^[a-z0-9]{26}$/.test(itemId)) throw new ConnectError(400, 'Invalid Item UUID');
  if (method === 'GET') return { status: 200, body: itemOf(vault, store.items(vault), itemId) };
  if (method === 'DELETE') {
    const deletion = store.write(vault, (all) => {
      const deleted = itemOf(vault, all, itemId);
      return [undefined, all.filter((item) => item !== deleted)];
    });
    await deletion.catch((error: unknown) => {
      // The real server returns 500 when a deletion conflicts with another write.
      if (error instanceof ConnectError && error.status === 409) throw new ConnectError(500, 'Something went wrong');
      throw error;
    });
    return { status: 204 };
  }
  if (method !== 'PUT' && method !== 'PATCH') throw notAllowed(method);
  const parsed = parse(body);
  const shown = await store.write(vault, (all) => {
    const before = itemOf(vault, all, itemId);
    const after = method === 'PUT' ? readItem(parsed, vault.id, before) : patchItem(before, parsed);
    // The real server also responds with the previous version.
    return [{ ...after, version: before.version }, all.map((item) => (item === before ? after : item))];
  });
  return { status: 200, body: shown };
}

function accessOf(authorization: string | undefined, tokenKey: string): ReadonlyMap<string, VaultAccess[string]> {
  const [, token = ''] = /^Bearer (.+)$/.exec(authorization ?? '') ?? [];
  const access = verifyConnectToken(token, tokenKey, new Date());
  if (access === undefined) throw new ConnectError(401, 'Invalid bearer token');
  return access;
}

function showVault({ items, ...vault }: ConnectVault): unknown {
  return { ...vault, attributeVersion: 1, items: items.length, type: 'USER_CREATED' };
}

function health(): unknown {
  return {
    name: '1Password Connect API (lab stand-in)',
    version,
    dependencies: [{ service: 'sync', status: 'ACTIVE', message: 'backed by a file of the lab' }],
  };
}

function notAllowed(method: string): ConnectError {
  return new ConnectError(405, `Method ${method} not allowed`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ConnectError(400, 'The request body is not JSON');
  }
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

if (require.main === module) runServer('lab 1Password Connect stand-in', startConnect);
