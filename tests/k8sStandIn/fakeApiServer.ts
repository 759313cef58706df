import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

/** A request that the server received. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
}

/**
 * A minimal API server over plain HTTP: objects by path, and server-side apply with field ownership of leaf paths. It
 * records the stand-in provider's requests and responds like the real server.
 */
export class FakeApiServer {
  readonly objects = new Map<string, Json>();
  readonly seen: SeenRequest[] = [];
  /** The managers that own a field, with the value that each has applied, by "<object path> <leaf path>". */
  private readonly owners = new Map<string, Map<string, unknown>>();
  private readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://x');
      const text = Buffer.concat(chunks).toString('utf8');
      const [code, body] = this.answer(request.method ?? '', url, text === '' ? {} : (JSON.parse(text) as Json));
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  /** Starts the server and returns a kubeconfig for it. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return kubeconfig(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Records a field manager as an owner of a field, next to those that have applied the same value; others lose it. */
  own(path: string, field: string, manager: string, value: unknown): void {
    const same = [...(this.owners.get(`${path} ${field}`) ?? [])].filter(([, theirs]) => theirs === value);
    this.owners.set(`${path} ${field}`, new Map([...same, [manager, value]]));
  }

  private otherOwner(field: string, manager: string, value: unknown): string | undefined {
    return [...(this.owners.get(field) ?? [])].find(([other, theirs]) => other !== manager && theirs !== value)?.[0];
  }

  private answer(method: string, url: URL, body: Json): [number, Json] {
    const path = url.pathname;
    this.seen.push({ method, path, query: Object.fromEntries(url.searchParams) });
    if (path === '/api') return [200, { kind: 'APIVersions' }];
    const dryRun = url.searchParams.get('dryRun') === 'All';
    if (method === 'GET') return this.objects.has(path) ? [200, this.objects.get(path) ?? {}] : notFound(path);
    if (method === 'DELETE') return this.objects.delete(path) ? [200, { kind: 'Status' }] : notFound(path);
    const key = method === 'POST' ? `${path}/${String((body.metadata as Json).name)}` : path;
    const namespace = /^(\/api\/v1\/namespaces\/[^/]+)\/secrets/.exec(key)?.[1];
    if (namespace !== undefined && !this.objects.has(namespace)) return notFound(namespace);
    const manager = url.searchParams.get('fieldManager') ?? '';
    if (method === 'PATCH' && url.searchParams.get('force') !== 'true') {
      for (const [field, value] of leaves(body)) {
        const owner = this.otherOwner(`${key} ${field}`, manager, value);
        if (owner === undefined) continue;
        return [
          409,
          { reason: 'Conflict', message: `Apply failed with 1 conflict: conflict with "${owner}": ${field}` },
        ];
      }
    }
    const object = merge(this.objects.get(key) ?? { metadata: { uid: 'u1', resourceVersion: '1' } }, body);
    if (!dryRun) this.objects.set(key, object);
    if (!dryRun) for (const [field, value] of leaves(body)) this.own(key, field, manager, value);
    return [200, object];
  }
}

/** A kubeconfig for that server. */
export function kubeconfig(server: string, ca = 'CA'): string {
  return JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'u', user: {} }],
  });
}

function notFound(path: string): [number, Json] {
  const parts = path.split('/');
  return [404, { reason: 'NotFound', message: `${parts.at(-2)} "${parts.at(-1)}" not found` }];
}

function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
}

function merge(a: Json, b: Json): Json {
  const result: Json = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const both = typeof value === 'object' && value !== null && typeof a[key] === 'object' && a[key] !== null;
    result[key] = both ? merge(a[key] as Json, value as Json) : value;
  }
  return result;
}
