import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const expiredClaims = Buffer.from(JSON.stringify({ exp: Date.UTC(2020, 0, 1) / 1000 })).toString('base64url');

/** Tokens that every {@link FakeConnect} accepts, and an expired one. */
export const tokens = {
  writes: 'a-token-with-write-access',
  reads: 'a-token-with-read-access',
  expired: `header.${expiredClaims}.signature`,
};

/** A token with read access that every {@link FakeConnect} accepts, and that says when it expires. */
export function expiringToken(expiresAt: Date): string {
  const claims = { iat: 1_700_000_000, exp: Math.floor(expiresAt.getTime() / 1000) };
  return `reads.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

/** An item that the vault has from the start. */
export interface SeedItem {
  title: string;
  fields: Record<string, string>;
}

interface StoredItem {
  id: string;
  title: string;
  version: number;
  createdAt: string;
  fields?: object[];
}

class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** How long a write takes; another write in the meantime makes it fail. */
const writeMilliseconds = 50;
/** How long reads still return the state before a write. */
const readLagMilliseconds = 40;

/**
 * 1Password Connect with one vault, `k8s-gitops`. Behaves as the real one where our client depends on it: reads lag
 * behind writes, concurrent writes conflict (409; 500 for a deletion), an update returns the previous version number,
 * creation times are in whole seconds, and a token without write access gets a 401.
 */
export class FakeConnect {
  private readonly vault = { id: newId(), name: 'k8s-gitops' };
  private items: readonly StoredItem[];
  private past: { until: number; items: readonly StoredItem[] }[] = [];
  private generation = 0;

  private constructor(
    private readonly server: Server,
    seed: readonly SeedItem[],
  ) {
    this.items = seed.map(({ title, fields }) => ({
      ...newItem(title),
      fields: Object.entries(fields).map(([label, value]) => ({ label, value, type: 'CONCEALED' })),
    }));
  }

  static async start(seed: readonly SeedItem[] = []): Promise<FakeConnect> {
    const server = createServer();
    const fake = new FakeConnect(server, seed);
    server.on('request', (request, response) => {
      fake.handle(request).then(
        (body) => response.writeHead(body === undefined ? 204 : 200).end(body && JSON.stringify(body)),
        (error: Error) => {
          const status = error instanceof HttpError ? error.status : 500;
          response.writeHead(status).end(JSON.stringify({ status, message: error.message }));
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get host(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async handle(request: IncomingMessage): Promise<object | undefined> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', this.host);
    // It needs no token.
    if (url.pathname === '/heartbeat') return {};
    const [, , , vaultId, , itemId] = url.pathname.replace(/\/$/, '').split('/');
    const token = headers.authorization?.replace(/^Bearer /, '');
    const isKnown = token === tokens.writes || token === tokens.reads || token?.startsWith('reads.');
    if (!isKnown) throw new HttpError(401, 'Invalid bearer token');
    const title = /^title eq "(.*)"$/.exec(url.searchParams.get('filter') ?? '')?.[1];
    if (vaultId === undefined) return [this.vault].filter(({ name }) => name === title);
    if (vaultId !== this.vault.id) throw new HttpError(403, 'Authorization: token does not have access to vault');
    if (method === 'GET') {
      if (itemId !== undefined) return this.find(this.visibleItems(), itemId);
      const found = this.visibleItems().filter((item) => item.title === title);
      return found.map(({ fields: _fields, ...summary }) => summary);
    }
    if (token !== tokens.writes) {
      throw new HttpError(401, 'Unauthorized Request, token does not have write access to the Vault');
    }
    return this.write(method, itemId, await readBody(request));
  }

  private async write(method: string, itemId = '', body: Partial<StoredItem>): Promise<object | undefined> {
    const { generation } = this;
    await sleep(writeMilliseconds);
    if (this.generation !== generation) {
      throw method === 'DELETE' ? new HttpError(500, 'Something went wrong') : new HttpError(409, 'Conflict');
    }
    if (method === 'POST') {
      const item = { ...newItem(body.title ?? ''), fields: body.fields };
      this.commit([...this.items, item]);
      return { ...item, vault: { id: this.vault.id } };
    }
    const before = this.find(this.items, itemId);
    if (method === 'DELETE') {
      this.commit(this.items.filter((item) => item !== before));
      return undefined;
    }
    if (body.version !== before.version) throw new HttpError(409, 'Conflict');
    const after = { ...before, fields: body.fields, version: before.version + 1 };
    this.commit(this.items.map((item) => (item === before ? after : item)));
    return { ...after, version: before.version, vault: { id: this.vault.id } };
  }

  private commit(items: readonly StoredItem[]): void {
    this.past.push({ until: Date.now() + readLagMilliseconds, items: this.items });
    this.items = items;
    this.generation++;
  }

  private visibleItems(): readonly StoredItem[] {
    this.past = this.past.filter(({ until }) => until > Date.now());
    return this.past[0]?.items ?? this.items;
  }

  private find(items: readonly StoredItem[], id: string): StoredItem & { vault: { id: string } } {
    const item = items.find((candidate) => candidate.id === id);
    if (item === undefined) throw new HttpError(404, `Item ${id} not found`);
    return Object.assign(item, { vault: { id: this.vault.id } });
  }
}

function newItem(title: string): StoredItem {
  return { id: newId(), title, version: 1, createdAt: new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
}

/** 26 lower-case letters and digits. */
function newId(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(randomBytes(26), (byte) => alphabet[byte % 32]).join('');
}

async function readBody(request: IncomingMessage): Promise<Partial<StoredItem>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Partial<StoredItem>);
}
