import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientRequestOptions, IRequestClient } from '@1password/connect';
import { Agent, fetch, ProxyAgent, type Dispatcher } from 'undici';
import { proxyFor } from './proxyFor';

/** Connect, or something before it, said no. */
export class ConnectRefusal extends Error {
  constructor(
    readonly status: number,
    /** What the server said; never a secret. */
    readonly reason: string,
  ) {
    super(`${status} ${reason}`);
  }
}

/** There was no answer. */
export class ConnectSilence extends Error {}

const answerMilliseconds = 30_000;
/** Pauses before each further try. */
const pausesMilliseconds = [250, 500, 1_000, 2_000];

type Response = Awaited<ReturnType<IRequestClient['request']>>;

/**
 * Carries the requests of 1Password's client. Its own transport knows neither abortion nor HTTPS_PROXY with a tunnel, and
 * tries once; this one waits out a server that starts, is busy or stumbles.
 */
export class ConnectTransport implements IRequestClient {
  readonly defaultTimeout = answerMilliseconds;
  private readonly dispatcher: Dispatcher;

  constructor(
    host: string,
    private readonly signal: AbortSignal,
    private readonly pauses: readonly number[] = pausesMilliseconds,
  ) {
    const proxy = proxyFor(host, process.env);
    this.dispatcher = proxy === undefined ? new Agent() : new ProxyAgent(proxy);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /**
   * Sends a request until there is an answer that another try would not change.
   *
   * @throws ConnectRefusal, ConnectSilence, or the reason of the signal
   */
  async request(method: string, url: string, options: ClientRequestOptions): Promise<Response> {
    for (const pause of this.pauses) {
      try {
        return await this.once(method, url, options);
      } catch (error) {
        if (!worthAnother(error, method)) throw error;
      }
      await sleep(pause, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
    }
    return this.once(method, url, options);
  }

  private async once(method: string, url: string, { authToken, data }: ClientRequestOptions): Promise<Response> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${authToken}`, 'content-type': 'application/json' },
        ...(data !== undefined && { body: typeof data === 'string' ? data : JSON.stringify(data) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(answerMilliseconds)]),
      });
      ({ status } = response);
      text = await response.text();
      if (response.ok) return { status, data: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      this.signal.throwIfAborted();
      throw new ConnectSilence(causeOf(error));
    }
    throw new ConnectRefusal(status, reasonOf(text));
  }
}

/**
 * Whether a try may be repeated. What creates is repeated only if the server did not take it: it might make two. A conflict
 * with another writer is an answer to who creates or replaces, for what they decided by has changed; a deletion stands, and
 * Connect tells its conflicts by a 500.
 */
function worthAnother(error: unknown, method: string): boolean {
  const kind = method.toUpperCase();
  if (error instanceof ConnectSilence) return kind !== 'POST';
  if (!(error instanceof ConnectRefusal)) return false;
  if (error.status === 409) return kind === 'DELETE';
  return error.status === 429 || (error.status >= 500 && kind !== 'POST');
}

function reasonOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A proxy's page, not Connect's JSON.
  }
  return text.slice(0, 120).trim() || 'without a reason';
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? cause.message : error.message;
}
