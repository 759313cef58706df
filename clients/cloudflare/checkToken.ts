import { neededPermissions } from './permissions';
import { messageOf, UserError } from '../userError';
import { CloudflareApi, type CloudflareAnswer } from './api';
import { judge, type CloudflareCheckResult, type Findings, type Found, type TokenState } from './evaluateToken';
import type { TokenPolicy } from './tokenPolicies';

export type { CloudflareCheckResult } from './evaluateToken';

export interface CheckCloudflareArgs {
  apiToken: string;
  /** The account's name. */
  account: string;
  /** The zone's name. */
  zone: string;
  /** Whether the stack puts hosts behind Access. */
  needsAccess: boolean;
  /** Whether the stack owns the zone's settings. */
  ownsZone: boolean;
  signal: AbortSignal;
  /** Another API than Cloudflare's own, for tests. */
  baseUrl?: string;
}

/**
 * Asks Cloudflare whether the program's API token will do: the token, the account, the zone, and each permission that is
 * needed, one line each. Changes nothing. Throws only when `signal` is aborted: no answer is a line, too.
 */
export async function checkCloudflare(args: CheckCloudflareArgs): Promise<CloudflareCheckResult[]> {
  const { apiToken, account, zone, signal, baseUrl } = args;
  const wanted = { account, zone, permissions: neededPermissions(args) };
  const api = new CloudflareApi(apiToken, signal, baseUrl);
  try {
    return judge(wanted, await ask(api, account, zone));
  } catch (error) {
    signal.throwIfAborted();
    return judge(wanted, { token: { state: 'unknown', why: messageOf(error), noAnswer: true } });
  } finally {
    await api.close();
  }
}

async function ask(api: CloudflareApi, account: string, zone: string): Promise<Findings> {
  const verified = await api.call<{ id: string; status: string; expires_on?: string }>('GET', '/user/tokens/verify');
  if ([400, 401, 403].includes(verified.status)) return { token: { state: 'unknown', why: refusalOf(verified) } };
  const { id, status, expires_on: expiresOn } = resultOf(verified);
  const token: TokenState = { state: status === 'active' ? 'active' : 'useless', status, expiresOn };
  if (token.state !== 'active') return { token };

  const [own, accounts, zones] = await Promise.all([
    api.call<{ policies: TokenPolicy[] }>('GET', `/user/tokens/${id}`),
    api.list<Found>('/accounts', { name: account }),
    api.list<Found & { account: Found }>('/zones', { name: zone }),
  ]);
  return {
    token,
    // Refused where the token may not read tokens: a permission of its own.
    policies: own.status === 403 ? undefined : resultOf(own).policies,
    accounts: resultOf(accounts).filter(({ name }) => name === account),
    zones: resultOf(zones).filter(({ name }) => name === zone),
  };
}

/** What was asked for; a refusal here is Cloudflare's trouble and not the token's. */
function resultOf<T>(answer: CloudflareAnswer<T>): T {
  if (answer.result === undefined) throw new UserError(`Cloudflare's API ${refusalOf(answer)}`);
  return answer.result;
}

function refusalOf({ status, errors }: CloudflareAnswer<unknown>): string {
  const reasons = errors.map(({ code, message }) => `${message} (${code})`).join(', ');
  return `refused with ${status} ${reasons}`;
}
