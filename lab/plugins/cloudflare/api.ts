import { setTimeout as sleep } from 'node:timers/promises';
import { CloudflareApi, cloudflareApiUrl, type CloudflareAnswer } from '../../../clients/cloudflare/api';
import { STATUS_CODES } from 'node:http';
import type { Properties } from '../provider/properties';

/** Settings of the provider, as `Configure` gets them: text by `cloudflare:config:<name>`. */
export interface ApiConfig {
  apiToken: string;
  baseUrl: string;
}

/**
 * Reads the settings; what is not set comes from the environment, as with the real provider.
 *
 * @throws Error when there is no token, or one that cannot be one. It does not show it.
 */
export function readApiConfig(variables: Record<string, string>, env: NodeJS.ProcessEnv): ApiConfig {
  const text = (name: string): string | undefined => variables[`cloudflare:config:${name}`] || undefined;
  const apiToken = text('apiToken') ?? env.CLOUDFLARE_API_TOKEN;
  if (!apiToken) {
    throw new Error(
      'must provide exactly one of "api_key", "api_token" or "api_user_service_key"; the lab has only the second',
    );
  }
  if (!/^[0-9A-Za-z\-_]{40,80}$/.test(apiToken)) {
    throw new Error('API tokens must only contain characters a-z, A-Z, 0-9, hyphens and underscores, 40 to 80 of them');
  }
  return { apiToken, baseUrl: text('baseUrl') ?? env.CLOUDFLARE_BASE_URL ?? cloudflareApiUrl };
}

/** A refusal, in the words of the real provider. */
export class RefusedCall extends Error {
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

/** Cloudflare for the stand-in's resources: calls are tried three times where the real client tries them again. */
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

  /** The result of a call. Throws RefusedCall where Cloudflare refuses. */
  async request(method: string, path: string, body?: Properties): Promise<Properties> {
    const answer = await this.persist(() => this.api.call<Properties>(method, path, body));
    if (answer.result === undefined) throw new RefusedCall(answer.status, method, this.api.url(path), answer.text);
    return answer.result;
  }

  /** Every entry of a list. Throws RefusedCall where Cloudflare refuses. */
  async list(path: string, query: Record<string, string>): Promise<Properties[]> {
    const answer = await this.persist(() => this.api.list<Properties>(path, query));
    if (answer.result === undefined) throw new RefusedCall(answer.status, 'GET', this.api.url(path), answer.text);
    return answer.result;
  }

  private async persist<T>(call: () => Promise<CloudflareAnswer<T>>): Promise<CloudflareAnswer<T>> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt === retries;
      try {
        const answer = await call();
        if (last || !passing(answer.status)) return answer;
      } catch (error) {
        if (last) throw error;
      }
      await this.wait(firstWaitMilliseconds * 2 ** attempt);
    }
  }
}

/** Conflicts count as passing for Cloudflare's own client. */
function passing(status: number): boolean {
  return [408, 409, 429].includes(status) || status >= 500;
}
