import { messageOf, UserError } from '../userError';
import { CloudflareApi, type CloudflareResponse } from './api';
import {
  evaluateToken,
  type CloudflareCheckResult,
  type NamedResource,
  type TokenFindings,
  type TokenState,
} from './evaluateToken';
import { neededPermissions } from './permissions';
import type { TokenPolicy } from './tokenPolicies';

export type { CloudflareCheckResult } from './evaluateToken';

export interface CheckCloudflareArgs {
  apiToken: string;
  /** Account name. */
  account: string;
  /** Zone name. */
  zone: string;
  /** Whether the stack puts hosts behind Access. */
  needsAccess: boolean;
  /** Whether the stack owns the settings of the zone. */
  ownsZone: boolean;
  signal: AbortSignal;
  /** Base URL of another API than Cloudflare's, for tests. */
  baseUrl?: string;
}

/**
 * Checks whether the API token of the program is valid, sees the account and the zone, and has every permission that
 * the stack needs: one result each. Read-only. An unreachable API is a failed result; throws only if `signal` is
 * aborted.
 */
export async function checkCloudflare(args: CheckCloudflareArgs): Promise<CloudflareCheckResult[]> {
  const { account, zone } = args;
  return evaluateToken({ account, zone, permissions: neededPermissions(args) }, await readCloudflareToken(args));
}

/** What Cloudflare reports about the token, and which accounts and zones of these names it sees. Throws only if `signal` is aborted. */
export async function readCloudflareToken({
  apiToken,
  account,
  zone,
  signal,
  baseUrl,
}: Omit<CheckCloudflareArgs, 'needsAccess' | 'ownsZone'>): Promise<TokenFindings> {
  const api = new CloudflareApi(apiToken, signal, baseUrl);
  try {
    return await readFindings(api, account, zone);
  } catch (error) {
    signal.throwIfAborted();
    return { token: { state: 'unknown', why: messageOf(error), noResponse: true } };
  } finally {
    await api.close();
  }
}

async function readFindings(api: CloudflareApi, account: string, zone: string): Promise<TokenFindings> {
  const verified = await api.call<{ id: string; status: string; expires_on?: string }>('GET', '/user/tokens/verify');
  if ([400, 401, 403].includes(verified.status)) return { token: { state: 'unknown', why: errorOf(verified) } };
  const { id, status, expires_on: expiresOn } = resultOf(verified);
  const token: TokenState = { state: status === 'active' ? 'active' : 'inactive', status, expiresOn };
  if (token.state !== 'active') return { token };

  const [own, accounts, zones] = await Promise.all([
    api.call<{ policies: TokenPolicy[]; issued_on?: string }>('GET', `/user/tokens/${id}`),
    api.list<NamedResource>('/accounts', { name: account }),
    api.list<NamedResource & { account: NamedResource }>('/zones', { name: zone }),
  ]);
  return {
    token,
    // 403 if the token lacks the permission to read tokens.
    ...(own.status === 403 ? {} : { policies: resultOf(own).policies, issuedOn: resultOf(own).issued_on }),
    accounts: resultOf(accounts).filter(({ name }) => name === account),
    zones: resultOf(zones).filter(({ name }) => name === zone),
  };
}

/** The result of a request that fails only if Cloudflare has a problem, not the token. */
function resultOf<T>(response: CloudflareResponse<T>): T {
  if (response.result === undefined) throw new UserError(`the Cloudflare API ${errorOf(response)}`);
  return response.result;
}

function errorOf({ status, errors }: CloudflareResponse<unknown>): string {
  const reasons = errors.map(({ code, message }) => `${message} (${code})`).join(', ');
  return `refused with ${status} ${reasons}`;
}
