import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientRequestOptions, IRequestClient } from '@1password/connect';
import { fetch, type Dispatcher } from 'undici';
import { failureReason } from '../http/failureReason';
import { environmentDispatcher } from '../http/proxy';

/** Connect, or a proxy in front of it, responded with an error status. */
export class ConnectHttpError extends Error {
  constructor(
    readonly status: number,
    /** The error message in the response; never a secret. */
    readonly reason: string,
  ) {
    super(`${status} ${reason}`);
  }
}

/** There was no response. */
export class ConnectUnreachable extends Error {}

const timeoutMilliseconds = 30_000;
/** After this time nothing is repeated: a server that takes connections and stays silent would be asked for minutes. */
const patienceMilliseconds = 30_000;
/** Pauses before the retries. */
const retryPausesMilliseconds = [250, 500, 1_000, 2_000];

type Response = Awaited<ReturnType<IRequestClient['request']>>;

/**
 * HTTP transport for the 1Password client. Its own transport cannot be aborted, does not tunnel through HTTPS_PROXY and
 * does not retry; this one rides out a server that is starting, busy or failing for a moment.
 */
export class ConnectTransport implements IRequestClient {
  readonly defaultTimeout = timeoutMilliseconds;
  private readonly dispatcher: Dispatcher;

  constructor(
    host: string,
    private readonly signal: AbortSignal,
    private readonly pauses: readonly number[] = retryPausesMilliseconds,
    private readonly patience = patienceMilliseconds,
  ) {
    this.dispatcher = environmentDispatcher(host);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /**
   * Sends a request, and repeats it while that may help.
   *
   * @throws ConnectHttpError, ConnectUnreachable, or the reason of the signal
   */
  async request(method: string, url: string, options: ClientRequestOptions): Promise<Response> {
    const started = Date.now();
    for (const pause of this.pauses) {
      try {
        return await this.send(method, url, options);
      } catch (error) {
        if (!isRetryable(error, method) || Date.now() - started >= this.patience) throw error;
      }
      await sleep(pause, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
    }
    return this.send(method, url, options);
  }

  private async send(method: string, url: string, { authToken, data }: ClientRequestOptions): Promise<Response> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${authToken}`, 'content-type': 'application/json' },
        ...(data !== undefined && { body: typeof data === 'string' ? data : JSON.stringify(data) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMilliseconds)]),
      });
      ({ status } = response);
      text = await response.text();
      if (response.ok) return { status, data: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      this.signal.throwIfAborted();
      throw new ConnectUnreachable(failureReason(error));
    }
    throw new ConnectHttpError(status, reasonOf(text));
  }
}

/**
 * Whether a request may be repeated. A POST only if the server did not process it, since it might create two items. On
 * a conflict with another writer, a POST or PUT must not be: the data it was based on has changed. A DELETE is still
 * valid; Connect reports its conflicts as 500.
 */
function isRetryable(error: unknown, method: string): boolean {
  const verb = method.toUpperCase();
  if (error instanceof ConnectUnreachable) return verb !== 'POST';
  if (!(error instanceof ConnectHttpError)) return false;
  if (error.status === 409) return verb === 'DELETE';
  return error.status === 429 || (error.status >= 500 && verb !== 'POST');
}

function reasonOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // An error page of a proxy instead of Connect's JSON.
  }
  return text.slice(0, 120).trim() || 'no reason given';
}
