import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../process/pollUntil';
import { isPassing, KubernetesRefused, KubernetesUnreachable } from './errors';
import type { KubeConnection } from './kubeconfig';
import type { KubeObject, ObjectMeta } from './objects';

/** Options of one request. */
export interface RequestOptions {
  /** Further tries, two seconds apart, while the API gives no answer or is overloaded. Default 0. */
  retries?: number;
}

const answerTimeoutMilliseconds = 30_000;

/**
 * A small Kubernetes REST client: get, list, server-side apply, delete. It dials the API itself and never a proxy, as
 * Kubernetes clients do for the nodes of one's own network.
 */
export class KubernetesClient {
  private readonly agent: Agent;

  constructor(
    readonly connection: KubeConnection,
    private readonly signal: AbortSignal,
  ) {
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
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

  /** The body of `/readyz`, with the API's own words whether it is ready. */
  async readiness(): Promise<{ ready: boolean; text: string }> {
    const { status, body } = await this.send('GET', '/readyz?verbose');
    const failing = [...body.matchAll(/^\[-\](\S+)/gm)].map(([, check]) => check);
    const text =
      failing.length === 0
        ? `answers ${status}`
        : `not yet: ${failing.slice(0, 3).join(', ')}${failing.length > 3 ? ', …' : ''}`;
    return { ready: status === 200, text };
  }

  /** The object at the path, undefined if it (or its whole API) does not exist. */
  async get<T extends KubeObject>(path: string, options?: RequestOptions): Promise<T | undefined> {
    return (await this.exchange('GET', path, {}, options)) as T | undefined;
  }

  /** The objects of a collection; none if its API does not exist. `query` is e.g. `{labelSelector: 'a=b'}`. */
  async list<T extends KubeObject>(path: string, query: Record<string, string> = {}, options?: RequestOptions) {
    const answer = await this.exchange('GET', withQuery(path, query), {}, options);
    return (answer as { items?: T[] } | undefined)?.items ?? [];
  }

  /** Only the metadata of a collection's objects: Secrets are listed without their contents crossing the wire. */
  async listMetadata(path: string, query: Record<string, string> = {}, options?: RequestOptions) {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const answer = await this.exchange('GET', withQuery(path, query), { headers: { accept } }, options);
    return (answer as { items?: { metadata: ObjectMeta }[] } | undefined)?.items ?? [];
  }

  /** Server-side apply with force, as `fieldManager`. */
  async apply(path: string, object: KubeObject, fieldManager: string, options?: RequestOptions): Promise<KubeObject> {
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    const url = withQuery(path, { fieldManager, force: 'true' });
    const answer = await this.exchange('PATCH', url, { headers, body: JSON.stringify(object) }, options);
    if (answer === undefined) throw new KubernetesRefused(404, `PATCH ${path}`, 'not found', this.connection.server);
    return answer as KubeObject;
  }

  /** Deletes an object; one that is not there is fine. */
  async delete(path: string, options?: RequestOptions): Promise<void> {
    await this.exchange('DELETE', path, {}, options);
  }

  private async exchange(
    method: string,
    path: string,
    content: Content,
    options: RequestOptions = {},
  ): Promise<unknown> {
    for (let left = options.retries ?? 0; ; left--) {
      try {
        const { status, body } = await this.send(method, path, content);
        if (status === 404) return undefined;
        if (status < 300) return JSON.parse(body) as unknown;
        const what = `${method} ${path.split('?')[0]}`;
        throw new KubernetesRefused(status, what, reasonOf(body), this.connection.server);
      } catch (error) {
        if (left <= 0 || !isPassing(error)) throw error;
        await sleep(2_000, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }

  private send(method: string, path: string, content: Content = {}): Promise<{ status: number; body: string }> {
    throwIfAborted(this.signal);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new KubernetesUnreachable(this.connection.server, describe(error)));
      const headers = { accept: 'application/json', 'user-agent': 'k8s-gitops-provider', ...content.headers };
      const outgoing = request(
        new URL(this.connection.server + path),
        { method, headers, agent: this.agent, signal: this.signal, timeout: answerTimeoutMilliseconds },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', fail);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 s')));
      outgoing.on('error', fail);
      outgoing.end(content.body);
    });
  }
}

interface Content {
  headers?: Record<string, string>;
  body?: string;
}

function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

function reasonOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not a Status object: the text itself says it.
  }
  return body.slice(0, 200).trim() || 'no reason given';
}

function describe(error: Error & { code?: string }): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message || error.code || 'connection failed';
}
