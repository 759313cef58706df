import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import { proxyFor } from '../../net/proxyFor';
import { Transient, Unavailable, Unreachable } from './failures';
import { mirrored, mirrorOf, redirectTarget } from './mirror';
import { retryAfterOf, sleep, withRetries, type Sleep } from './retry';

const mostRedirects = 5;
/** Milliseconds without a byte after which a connection counts as cut. */
const stallTimeout = 30_000;
/** No checksum file, token or manifest is larger. */
const mostTextBytes = 8 * 1024 * 1024;

/** A response whose body has not been read. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface HttpOptions {
  /** Proxy settings and mirror. */
  readonly env?: NodeJS.ProcessEnv;
  readonly sleep?: Sleep;
  /** Milliseconds, including the look-up of the name. */
  readonly connectTimeout?: number;
}

/**
 * Requests to publishers: through the mirror and proxy of the environment, redirects followed. Remembers hosts that cannot
 * be reached, so that only the first request waits for one.
 */
export class Http {
  readonly sleep: Sleep;
  private readonly env: NodeJS.ProcessEnv;
  private readonly mirror: string | undefined;
  private readonly connectTimeout: number;
  private readonly dispatchers = new Map<string | undefined, Dispatcher>();
  private readonly unreachable = new Map<string, Unreachable>();

  /** @throws ToolError if the environment names an unusable mirror */
  constructor(options: HttpOptions = {}) {
    this.env = options.env ?? process.env;
    this.mirror = mirrorOf(this.env);
    this.sleep = options.sleep ?? sleep;
    this.connectTimeout = options.connectTimeout ?? 5000;
  }

  /**
   * Requests a publisher's URL once.
   * @throws Unreachable; Transient for other connection problems; Unavailable for redirects that must not be followed
   */
  async get(url: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Reply> {
    let target = mirrored(url, this.mirror);
    let sent = headers;
    for (let redirects = 0; ; redirects++) {
      const reply = await this.send('GET', target, sent, signal);
      const { location } = reply.headers;
      if (reply.status < 300 || reply.status >= 400 || typeof location !== 'string') return reply;
      await discard(reply);
      const next = redirectTarget(location, target, this.mirror);
      if (next === undefined) throw new Unavailable(`${url} redirects to ${location}, which is not https`);
      if (redirects === mostRedirects) throw new Unavailable(`${url} redirects more than ${mostRedirects} times`);
      // Storage behind a registry has its own signature in the URL, and must not see the registry's token.
      if (new URL(next).origin !== new URL(target).origin || this.mirror !== undefined) sent = withoutToken(sent);
      target = next;
    }
  }

  /**
   * The body of a publisher's URL, requested until it succeeds or is given up.
   * @throws Unavailable
   */
  async text(url: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<string> {
    return withRetries(
      async () => {
        const reply = await this.get(url, headers, signal);
        if (reply.status !== 200) throw await failure(reply, url);
        return readText(reply, url);
      },
      this.sleep,
      signal,
    );
  }

  /** Why a host, or the mirror that replaces it, cannot be reached; undefined if any response arrives. */
  async probe(host: string, signal?: AbortSignal): Promise<Unreachable | undefined> {
    try {
      const url = mirrored(`https://${host}/`, this.mirror);
      await discard(await this.send('HEAD', url, {}, signal, this.connectTimeout));
    } catch (error) {
      if (error instanceof Unreachable) return error;
      if (!(error instanceof Transient)) throw error;
    }
    return undefined;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }

  private async send(
    method: 'GET' | 'HEAD',
    url: string,
    headers: Record<string, string>,
    signal?: AbortSignal,
    headersTimeout = stallTimeout,
  ): Promise<Reply> {
    const { host } = new URL(url);
    const known = this.unreachable.get(host);
    if (known) throw known;
    try {
      const {
        statusCode,
        headers: received,
        body,
      } = await request(url, {
        method,
        headers: { 'user-agent': 'k8s-gitops', 'accept-encoding': 'identity', ...headers },
        dispatcher: this.dispatcherFor(url),
        headersTimeout,
        bodyTimeout: stallTimeout,
        signal,
      });
      // A connection may be cut before anybody reads the body: whoever reads it then learns of it, not the process.
      body.on('error', () => undefined);
      return { status: statusCode, headers: received, body };
    } catch (error) {
      if (signal?.aborted) throw error;
      const silent = method === 'HEAD' && (error as { code?: string }).code === 'UND_ERR_HEADERS_TIMEOUT';
      const reason = silent ? 'no response in time' : connectionProblem(error);
      if (reason === undefined) throw new Transient(`${host}: ${reasonOf(error)}`);
      const unreachable = new Unreachable(host, reason);
      this.unreachable.set(host, unreachable);
      throw unreachable;
    }
  }

  private dispatcherFor(url: string): Dispatcher {
    const proxy = proxyFor(url, this.env);
    const connect = { timeout: this.connectTimeout };
    const dispatcher =
      this.dispatchers.get(proxy) ??
      (proxy === undefined
        ? new Agent({ connect })
        : new ProxyAgent({ uri: proxy, proxyTls: connect, requestTls: connect }));
    this.dispatchers.set(proxy, dispatcher);
    return dispatcher;
  }
}

/** Reads and forgets a body, so that the connection can be used again. */
async function discard({ body }: Reply): Promise<void> {
  await body.dump().catch(() => undefined);
}

async function readText({ body }: Reply, url: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostTextBytes) throw new Unavailable(`${url} has more than ${mostTextBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Transient(`${url}: ${reasonOf(error)}`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What an unsuccessful response means; discards its body. */
export async function failure(reply: Reply, url: string): Promise<Transient | Unavailable> {
  await discard(reply);
  const { status, headers } = reply;
  const message = `${url} answers HTTP ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return new Unavailable(message);
  const header = headers['retry-after'];
  return new Transient(message, retryAfterOf(typeof header === 'string' ? header : undefined, Date.now()));
}

/** The code or message of an error: system errors name the address only in their message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}

/** Why no connection exists; undefined if one existed and failed later. */
function connectionProblem(error: unknown): string | undefined {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // undici's error for a proxy that refuses has no code of its own.
  const refused = /Proxy response \(\d+\)/.exec(message)?.[0];
  if (refused !== undefined) return refused;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'no connection in time';
  const noConnection =
    /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ETIMEDOUT|EACCES|EPERM|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;
  return noConnection.test(code) ? code : undefined;
}

function withoutToken(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}
