import { CloudflareApi, cloudflareApiUrl } from '../../../clients/cloudflare/api';
import { retryTransient } from '../../../clients/cloudflare/retry';
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

/** API client of the stand-in: makes up to three attempts on the errors that the real client retries. */
export class ProviderApi {
  private readonly api: CloudflareApi;

  constructor(
    { apiToken, baseUrl }: ApiConfig,
    signal: AbortSignal,
    private readonly wait?: (milliseconds: number) => Promise<unknown>,
  ) {
    this.api = new CloudflareApi(apiToken, signal, baseUrl);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.api.close();
  }

  /** The result of a call. Throws ApiCallError for an error response. */
  async request(method: string, path: string, body?: Properties): Promise<Properties> {
    const answer = await retryTransient(() => this.api.call<Properties>(method, path, body), this.wait);
    if (answer.result === undefined) throw new ApiCallError(answer.status, method, this.api.url(path), answer.text);
    return answer.result;
  }

  /** All entries of a paginated list. Throws ApiCallError for an error response. */
  async list(path: string, query: Record<string, string>): Promise<Properties[]> {
    const answer = await retryTransient(() => this.api.list<Properties>(path, query), this.wait);
    if (answer.result === undefined) throw new ApiCallError(answer.status, 'GET', this.api.url(path), answer.text);
    return answer.result;
  }
}
