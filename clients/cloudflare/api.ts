import { fetch, type Dispatcher } from 'undici';
import { failureReason } from '../http/failureReason';
import { environmentDispatcher } from '../http/proxy';
import { UserError } from '../userError';

/** Base URL of the Cloudflare API. */
export const cloudflareApiUrl = 'https://api.cloudflare.com/client/v4';

/** An entry of `errors` in a response. */
export interface CloudflareApiError {
  code: number;
  message: string;
}

/** A response of the API, successful or not. */
export interface CloudflareResponse<T> {
  /** HTTP status. */
  status: number;
  /** Absent if the request failed. */
  result?: T;
  /** Empty if the request succeeded. */
  errors: readonly CloudflareApiError[];
  /** Total number of pages of a list. */
  pages: number;
  /** The raw body. */
  text: string;
}

const timeoutMilliseconds = 30_000;

/**
 * A client for the Cloudflare API v4 with one token. Honours HTTPS_PROXY and NO_PROXY. Messages never contain the
 * token.
 */
export class CloudflareApi {
  private readonly dispatcher: Dispatcher;
  private readonly base: string;

  constructor(
    private readonly token: string,
    private readonly signal: AbortSignal,
    base = cloudflareApiUrl,
  ) {
    this.base = base.replace(/\/+$/, '');
    this.dispatcher = environmentDispatcher(this.base);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /** The full URL of a path. */
  url(path: string): string {
    return `${this.base}${path}`;
  }

  /**
   * Sends one request. A response that reports an error is returned, not thrown.
   *
   * @throws UserError if there is no response, or one that is not Cloudflare's
   */
  async call<T>(method: string, path: string, body?: unknown): Promise<CloudflareResponse<T>> {
    const { host } = new URL(this.base);
    let status: number;
    let text: string;
    try {
      const response = await fetch(this.url(path), {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMilliseconds)]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      this.signal.throwIfAborted();
      throw new UserError(`${host} cannot be reached: ${failureReason(error)}`);
    }
    const envelope = envelopeOf<T>(text);
    if (envelope === undefined)
      throw new UserError(`${host} responded with ${status}, but not in the format of the Cloudflare API`);
    const { success, result, errors = [], result_info: info } = envelope;
    return { status, text, errors, pages: info?.total_pages ?? 1, ...(success && { result }) };
  }

  /** All entries of a list, from all its pages; the response of the first page that fails is returned unchanged. */
  async list<T>(path: string, query: Record<string, string> = {}): Promise<CloudflareResponse<T[]>> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const parameters = new URLSearchParams({ ...query, page: String(page), per_page: '50' });
      const response = await this.call<T[]>('GET', `${path}?${parameters.toString()}`);
      if (response.result === undefined) return response;
      all.push(...response.result);
      if (page >= response.pages) return { ...response, result: all };
    }
  }
}

interface Envelope<T> {
  success: boolean;
  result?: T;
  errors?: CloudflareApiError[];
  result_info?: { total_pages?: number };
}

function envelopeOf<T>(text: string): Envelope<T> | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Envelope<T>> | null;
    return typeof parsed?.success === 'boolean' ? (parsed as Envelope<T>) : undefined;
  } catch {
    // An error page of a proxy.
    return undefined;
  }
}
