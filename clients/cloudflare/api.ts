import { Agent, fetch, ProxyAgent, type Dispatcher } from 'undici';
import { proxyFor } from '../onepassword/proxyFor';
import { messageOf, UserError } from '../userError';

/** Where Cloudflare's API is. */
export const cloudflareApiUrl = 'https://api.cloudflare.com/client/v4';

/** One entry of an answer's errors. */
export interface CloudflareApiError {
  code: number;
  message: string;
}

/** An answer of the API. */
export interface CloudflareAnswer<T> {
  /** HTTP status. */
  status: number;
  /** Absent where the API refused. */
  result?: T;
  /** Empty where it did not. */
  errors: readonly CloudflareApiError[];
  pages: number;
  /** The body as it came. */
  text: string;
}

const answerTimeoutMilliseconds = 30_000;

/** Cloudflare's API (v4) with one token. It honours HTTPS_PROXY and NO_PROXY. No message holds the token. */
export class CloudflareApi {
  private readonly dispatcher: Dispatcher;
  private readonly base: string;

  constructor(
    private readonly token: string,
    private readonly signal: AbortSignal,
    base = cloudflareApiUrl,
  ) {
    this.base = base.replace(/\/+$/, '');
    const proxy = proxyFor(this.base, process.env);
    this.dispatcher = proxy === undefined ? new Agent() : new ProxyAgent(proxy);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /** The address of a path. */
  url(path: string): string {
    return `${this.base}${path}`;
  }

  /**
   * One call; a refusal is an answer, too.
   *
   * @throws UserError when there is no answer, or none of Cloudflare's.
   */
  async call<T>(method: string, path: string, body?: unknown): Promise<CloudflareAnswer<T>> {
    const { host } = new URL(this.base);
    let status: number;
    let text: string;
    try {
      const response = await fetch(this.url(path), {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(answerTimeoutMilliseconds)]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      this.signal.throwIfAborted();
      throw new UserError(`${host} cannot be reached: ${causeOf(error)}`);
    }
    const envelope = envelopeOf<T>(text);
    if (envelope === undefined) throw new UserError(`${host} answered ${status} and not as Cloudflare does`);
    const { success, result, errors = [], result_info: info } = envelope;
    return { status, text, errors, pages: info?.total_pages ?? 1, ...(success && { result }) };
  }

  /** Every entry of a list, whatever its pages; a refusal is given back as it is. */
  async list<T>(path: string, query: Record<string, string> = {}): Promise<CloudflareAnswer<T[]>> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const parameters = new URLSearchParams({ ...query, page: String(page), per_page: '50' });
      const answer = await this.call<T[]>('GET', `${path}?${parameters.toString()}`);
      if (answer.result === undefined) return answer;
      all.push(...answer.result);
      if (page >= answer.pages) return { ...answer, result: all };
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
    // A proxy's page.
    return undefined;
  }
}

/** The connection's own words are behind fetch's, and one deeper where several addresses were tried. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { message?: string; errors?: { message?: string }[] } };
  return cause?.errors?.[0]?.message ?? cause?.message ?? messageOf(error);
}
