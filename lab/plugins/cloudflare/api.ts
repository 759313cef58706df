import { setTimeout as sleep } from 'node:timers/promises';
import { CloudflareApi, cloudflareApiUrl, type CloudflareResponse } from '../../../clients/cloudflare/api';
import { STATUS_CODES } from 'node:http';
import type { Properties } from '../provider/properties';

/** The provider's configuration. */
export interface ApiConfig {
  apiToken: string;
  baseUrl: string;
}

/**
 * Reads the configuration from `variables`, keyed `cloudflare:config:<name>`, with the environment as a fallback, as in
 * the real provider.
 *
 * @throws Error if the token is missing or malformed; the message does not contain it
 */
export function readApiConfig(variables: Record<string, string>, env: NodeJS.ProcessEnv): ApiConfig {
  const text = (name: string): string | undefined => variables[`cloudflare:config:${name}`] || undefined;
  const apiToken = text('apiToken') ?? env.CLOUDFLARE_API_TOKEN;
  if (!apiToken) {
    throw new Error(
      'must provide exactly one of "api_key", "api_token" or "api_user_service_key"; the lab supports only "api_token"',
    );
  }
  if (!/^[0-9A-Za-z\-_]{40,80}$/.test(apiToken)) {
    throw new Error(
      'API tokens must only contain characters a-z, A-Z, 0-9, hyphens and underscores, and be 40 to 80 characters long',
    );
  }
  return { apiToken, baseUrl: text('baseUrl') ?? env.CLOUDFLARE_BASE_URL ?? cloudflareApiUrl };
}

/** An error response of the API, with the real provider's message. */
export class ApiCallError extends Error {
  constructor(
    readonly status: number,
    method: string,
    url: string,
    text: string,
  ) {
    super(`failed to make http request: ${method} "${url}": ${status} ${STATUS_CODES[status] ?? ''} ${text.trim()}`);
  }
}

const retries = 2;
const firstWaitMilliseconds = 500;

/** API client of the stand-in: makes up to three attempts on the errors that the real client retries. */
export class ProviderApi {
  private readonly api: CloudflareApi;

  constructor(
    { apiToken, baseUrl }: ApiConfig,
    signal: AbortSignal,
    private readonly wait: (milliseconds: number) => Promise<unknown> = sleep,
  ) {
    this.api = new CloudflareApi(apiToken, signal, baseUrl);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.api.close();
  }

  /** The result of a call. Throws ApiCallError for an error response. */
  async request(method: string, path: string, body?: Properties): Promise<Properties> {
    const answer = await this.retry(() => this.api.call<Properties>(method, path, body));
    if (answer.result === undefined) throw new ApiCallError(answer.status, method, this.api.url(path), answer.text);
    return answer.result;
  }

  /** All entries of a paginated list. Throws ApiCallError for an error response. */
  async list(path: string, query: Record<string, string>): Promise<Properties[]> {
    const answer = await this.retry(() => this.api.list<Properties>(path, query));
    if (answer.result === undefined) throw new ApiCallError(answer.status, 'GET', this.api.url(path), answer.text);
    return answer.result;
  }

  private async retry<T>(call: () => Promise<CloudflareResponse<T>>): Promise<CloudflareResponse<T>> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt === retries;
      try {
        const answer = await call();
        if (last || !isTransient(answer.status)) return answer;
      } catch (error) {
        if (last) throw error;
      }
      await this.wait(firstWaitMilliseconds * 2 ** attempt);
    }
  }
}

/** Whether a status is worth a retry. Cloudflare's own client also retries conflicts. */
function isTransient(status: number): boolean {
  return [408, 409, 429].includes(status) || status >= 500;
}
