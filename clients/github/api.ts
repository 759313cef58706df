import { setTimeout as sleep } from 'node:timers/promises';
import { fetch, type Dispatcher, type Response } from 'undici';
import { failureReason } from '../http/failureReason';
import { environmentDispatcher } from '../http/proxy';
import { UserError } from '../userError';
import { type Refusal, refusalText, waitBeforeRetry } from './refusals';

const timeoutMilliseconds = 30_000;

/** How to reach GitHub, and as whom. */
export interface GitHubAccess {
  /** `https://api.github.com`, or a GitHub Enterprise Server's `https://<host>/api/v3`. */
  apiUrl: string;
  /** `<owner>/<name>`. */
  repository: string;
  token: string;
}

/**
 * A client of GitHub's REST API for one repository. Honours HTTPS_PROXY and NO_PROXY. Messages never contain the token.
 * `wait` is for tests.
 */
export class GitHubApi {
  private readonly dispatcher: Dispatcher;
  private readonly base: string;

  constructor(
    private readonly access: GitHubAccess,
    private readonly signal: AbortSignal,
    private readonly wait: (milliseconds: number) => Promise<unknown> = (milliseconds) =>
      sleep(milliseconds, undefined, { signal }),
  ) {
    this.base = access.apiUrl.replace(/\/+$/, '');
    this.dispatcher = environmentDispatcher(this.base);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /**
   * Sends one request to a path below the repository, such as `/issues`, again if GitHub asks for patience.
   * @throws UserError if GitHub cannot be reached or refuses, with the permission that is missing where it names one
   */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.send<T>(method, `${this.base}/repos/${this.access.repository}${path}`, body)).result;
  }

  /** Every entry of a list, from all its pages. */
  async list<T>(path: string, query: Record<string, string> = {}): Promise<T[]> {
    const parameters = new URLSearchParams({ ...query, per_page: '100' });
    const all: T[] = [];
    let next: string | undefined = `${this.base}/repos/${this.access.repository}${path}?${parameters.toString()}`;
    while (next !== undefined) {
      const page: Answer<T[]> = await this.send<T[]>('GET', next);
      all.push(...page.result);
      next = page.next;
    }
    return all;
  }

  private async send<T>(method: string, url: string, body?: unknown): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.request(method, url, body);
      const text = await response.text();
      if (response.ok) return { result: parsed<T>(text), next: nextPage(response.headers.get('link'), this.base) };
      const refusal: Refusal = {
        method,
        path: new URL(url).pathname,
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        text,
      };
      const seconds = waitBeforeRetry(refusal, attempt);
      if (seconds === undefined) throw new UserError(refusalText(refusal));
      await this.wait(seconds * 1000);
    }
  }

  private async request(method: string, url: string, body: unknown): Promise<Response> {
    try {
      return await fetch(url, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${this.access.token}`,
          'x-github-api-version': '2022-11-28',
          'user-agent': 'k8s-gitops',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMilliseconds)]),
      });
    } catch (error) {
      this.signal.throwIfAborted();
      throw new UserError(`${new URL(url).host} cannot be reached: ${failureReason(error)}`);
    }
  }
}

interface Answer<T> {
  result: T;
  /** The URL of the next page of a list. */
  next?: string;
}

function parsed<T>(text: string): T {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch {
    throw new UserError('GitHub responded, but not with JSON; check GITHUB_API_URL and the proxy');
  }
}

/** The next page that a Link header names, if it is on the same server: the token is not sent to another one. */
function nextPage(link: string | null, base: string): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next?.startsWith(`${base}/`) ? next : undefined;
}
