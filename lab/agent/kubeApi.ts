import * as http from 'node:http';
import * as https from 'node:https';
import type { Connection } from './kubeconfig';
import type { ObjectList } from './kubeTypes';

/** An answer of the API server that is not a success: its HTTP code, reason and message. */
export class KubeApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'KubeApiError';
  }
}

/** The API server did not answer at all. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** How one request differs from a plain GET. */
export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Record<string, string>;
  contentType?: string;
  body?: unknown;
  /** Milliseconds until the request is given up; 10 000 when absent. */
  timeout?: number;
}

/** A small client of the Kubernetes REST API with one kept-alive connection pool. */
export class KubeApi {
  private readonly agent: http.Agent;
  private readonly plain: boolean;

  constructor(private readonly connection: Connection) {
    // Plain http is what `kubectl proxy` and tests serve.
    this.plain = connection.server.startsWith('http:');
    if (this.plain) {
      this.agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
      return;
    }
    this.agent = new https.Agent({
      keepAlive: true,
      maxSockets: 4,
      ca: connection.certificateAuthority === '' ? undefined : connection.certificateAuthority,
      cert: connection.clientCertificate,
      key: connection.clientKey,
    });
  }

  /** Sends one request; the answer's JSON. `path` starts with `/api` or `/apis`. */
  request<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const { method = 'GET', query = {}, contentType = 'application/json', body, timeout = 10_000 } = options;
    const search = new URLSearchParams(query).toString();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string> = { accept: 'application/json' };
    if (payload !== undefined)
      Object.assign(headers, { 'content-type': contentType, 'content-length': payload.length });
    if (this.connection.token !== undefined) headers.authorization = `Bearer ${this.connection.token}`;
    const url = `${this.connection.server}${path}${search === '' ? '' : `?${search}`}`;

    return new Promise<T>((resolve, reject) => {
      const request = (this.plain ? http : https).request(
        url,
        { method, headers, agent: this.agent, timeout },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (error) => reject(this.unreachable(error)));
          response.on('end', () => {
            try {
              resolve(readAnswer<T>(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
      request.on('error', (error) => reject(this.unreachable(error)));
      request.end(payload);
    });
  }

  /** The object at that path; undefined when there is none. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.request<T>(path);
    } catch (error) {
      if (error instanceof KubeApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** All objects at that path, from the API server's cache. */
  async list<T>(path: string): Promise<T[]> {
    const list = await this.request<ObjectList<T>>(path, { query: { resourceVersion: '0' } });
    return list.items;
  }

  /** Server-side apply. Without `force`, a field that another manager owns is an error (409). */
  apply<T>(
    path: string,
    object: unknown,
    options: { fieldManager: string; force?: boolean; dryRun?: boolean },
  ): Promise<T> {
    const query: Record<string, string> = { fieldManager: options.fieldManager, force: String(options.force ?? false) };
    if (options.dryRun === true) query.dryRun = 'All';
    // JSON is YAML, so the API server takes it under the content type of apply patches.
    return this.request<T>(path, { method: 'PATCH', query, contentType: 'application/apply-patch+yaml', body: object });
  }

  /** Closes the kept-alive connections. */
  close(): void {
    this.agent.destroy();
  }

  private unreachable(error: Error): UnreachableError {
    return new UnreachableError(`the API server at ${this.connection.server} does not answer: ${error.message}`);
  }
}

function readAnswer<T>(code: number, text: string): T {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (code >= 200 && code < 300 && answer !== undefined) return answer as T;
  const status = (answer ?? {}) as { reason?: string; message?: string };
  throw new KubeApiError(code, status.reason ?? '', status.message ?? `HTTP ${code}: ${text.slice(0, 200)}`);
}
