import type { CloudflareApi } from './api';
import { retryTransient } from './retry';
import type { TokenPolicy } from './tokenPolicies';
import { resultOf } from './zoneReader';

/** A token of the user, as the API returns it: without its value. Times are ISO 8601. */
export interface ApiToken {
  id: string;
  name: string;
  status: string;
  issued_on: string;
  expires_on?: string;
  /** From which addresses it works. */
  condition?: { request_ip?: unknown };
  policies: TokenPolicy[];
}

/** The tokens of the user. Throws a UserError if the API refuses. */
export async function userTokens(api: CloudflareApi): Promise<ApiToken[]> {
  return resultOf(await retryTransient(() => api.list<ApiToken>('/user/tokens')), 'the tokens of the user');
}
