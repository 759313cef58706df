import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../process/pollUntil';
import { UserError } from '../userError';
import { isTransient, KubernetesRefused, KubernetesUnreachable } from './errors';
import type { KubeConnection } from './kubeconfig';
import type { KubeObject, ObjectMeta } from './objects';

/** Options of one request. */
export interface RequestOptions {
  /** Number of retries, two seconds apart, while the API does not respond or is overloaded. Default 0. */
  retries?: number;
}

/** Options of a server-side apply. */
export interface ApplyOptions extends RequestOptions {
  /** Take over fields that another manager owns; without it they are an error (409). Default true. */
  force?: boolean;
  /** Let the API server check the object without storing it. Default false. */
  dryRun?: boolean;
}

/** Query, body and headers of one request. */
export interface RequestContent {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Content type of the body. Default `application/json`. */
  contentType?: string;
}

/**
 * A small Kubernetes REST client: get, list, server-side apply, merge patch, delete. It connects to the API server directly and
 * ignores proxy settings, because API servers are on the local network.
 */
export class KubernetesClient {
  private readonly agent: http.Agent;
  private readonly transport: Pick<typeof http, 'request'>;

  constructor(
    readonly connection: KubeConnection,
    private readonly signal?: AbortSignal,
    private readonly timeoutSeconds = 30,
  ) {
    const pool = { keepAlive: true, maxSockets: 8 };
    const plain = connection.server.startsWith('http:');
    this.transport = plain ? http : https;
    this.agent = plain
      ? new http.Agent(pool)
      : new https.Agent({
          ...pool,
          ca: connection.certificateAuthority,
          cert: connection.clientCertificate,
          key: connection.clientKey,
          ...(connection.serverName && { servername: connection.serverName }),
        });
  }

  /** Closes idle connections. */
  close(): void {
    this.agent.destroy();
  }

  /** Whether `/readyz` succeeds, and a text that names the failing checks or the status. */
  async readiness(): Promise<{ ready: boolean; text: string }> {
    const { status, body } = await this.send('GET', '/readyz?verbose');
    const failing = [...body.matchAll(/^\[-\](\S+)/gm)].map(([, check]) => check);
    const text =
      failing.length === 0
        ? `responds with ${status}`
        : `not ready: ${failing.slice(0, 3).join(', ')}${failing.length > 3 ? ', …' : ''}`;
    return { ready: status === 200, text };
  }

  /** A response that is not JSON, such as `/metrics`. */
  async text(path: string): Promise<string> {
    const { status, body } = await this.send('GET', path);
    if (status >= 300) throw KubernetesRefused.fromBody(status, `GET ${path}`, body, this.connection.server);
    return body;
  }

  /** The object at the path; undefined if it or its API does not exist. */
  get<T = KubeObject>(path: string, options?: RequestOptions): Promise<T | undefined> {
    return undefinedIfMissing(this.request<T>('GET', path, {}, options));
  }

  /** The objects of a collection; empty if its API does not exist. `query` is e.g. `{labelSelector: 'a=b'}`. */
  async list<T = KubeObject>(path: string, query: Record<string, string> = {}, options?: RequestOptions): Promise<T[]> {
    const response = await undefinedIfMissing(this.request<{ items?: T[] }>('GET', path, { query }, options));
    return response?.items ?? [];
  }

  /** Only the metadata of the objects in a collection, so that listing Secrets does not transfer their contents. */
  async listMetadata(path: string, query: Record<string, string> = {}, options?: RequestOptions) {
    const headers = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };
    const response = this.request<{ items?: { metadata: ObjectMeta }[] }>('GET', path, { query, headers }, options);
    return (await undefinedIfMissing(response))?.items ?? [];
  }

  /** Server-side apply as `fieldManager`; returns the resulting object. */
  apply<T = KubeObject>(path: string, object: object, fieldManager: string, options: ApplyOptions = {}): Promise<T> {
    const { force = true, dryRun = false, ...rest } = options;
    const query = { fieldManager, force: String(force), ...(dryRun && { dryRun: 'All' }) };
    // JSON is YAML, so the API server accepts it under the content type of apply patches.
    const content = { query, body: object, contentType: 'application/apply-patch+yaml' };
    return this.request<T>('PATCH', path, content, rest);
  }

  /** A JSON merge patch (RFC 7386): null takes a key out; returns the resulting object. */
  mergePatch<T = KubeObject>(path: string, patch: object, options?: RequestOptions): Promise<T> {
    return this.request<T>('PATCH', path, { body: patch, contentType: 'application/merge-patch+json' }, options);
  }

  /** Deletes an object; succeeds if it does not exist. */
  async delete(path: string, options?: RequestOptions): Promise<void> {
    await undefinedIfMissing(this.request('DELETE', path, {}, options));
  }

  /**
   * Sends one request and returns the JSON of the response.
   * @throws KubernetesRefused for every status that is not a success, 404 included
   * @throws KubernetesUnreachable if there is no response
   */
  async request<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    content: RequestContent = {},
    options: RequestOptions = {},
  ): Promise<T> {
    for (let left = options.retries ?? 0; ; left--) {
      try {
        const { status, body } = await this.send(method, path, content);
        const request = `${method} ${path.split('?')[0]}`;
        if (status >= 300) throw KubernetesRefused.fromBody(status, request, body, this.connection.server);
        return parseJson<T>(body, request, this.connection.server);
      } catch (error) {
        if (left <= 0 || !isTransient(error)) throw error;
        await sleep(2_000, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }

  private send(method: string, path: string, content: RequestContent = {}): Promise<{ status: number; body: string }> {
    if (this.signal) throwIfAborted(this.signal);
    const { server, token } = this.connection;
    const { query = {}, body, contentType = 'application/json' } = content;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new KubernetesUnreachable(server, describe(error)));
      const headers = {
        accept: 'application/json',
        'user-agent': 'k8s-gitops-provider',
        ...(body !== undefined && { 'content-type': contentType }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...content.headers,
      };
      const timeout = this.timeoutSeconds * 1000;
      const outgoing = this.transport.request(
        new URL(server + withQuery(path, query)),
        { method, headers, agent: this.agent, signal: this.signal, timeout },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', fail);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
          );
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no response within ${this.timeoutSeconds} s`)));
      outgoing.on('error', fail);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function parseJson<T>(body: string, request: string, server: string): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new UserError(`the Kubernetes API at ${server} answered ${request} with text that is not JSON`);
  }
}

async function undefinedIfMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof KubernetesRefused && error.status === 404) return undefined;
    throw error;
  }
}

function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

function describe(error: Error & { code?: string }): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message || error.code || 'connection failed';
}
