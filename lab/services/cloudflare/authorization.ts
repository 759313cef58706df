import { createHash, timingSafeEqual } from 'node:crypto';
import { permissionScopes } from '../../../clients/cloudflare/permissions';
import { groupsFor, type Need } from './permissionGroups';
import { CloudflareError, refusal, type CloudflareState, type StoredToken, type TokenPolicy } from './types';

/** What a call works on. */
export type Resource =
  { kind: 'zone'; id: string; accountId: string } | { kind: 'account'; id: string } | { kind: 'user'; id: string };

/**
 * The token of a request. Without one, with one that cannot be one, and with one that nobody knows the API answers
 * differently; a known one is given back even if it is of no use any more.
 */
export function findToken(state: CloudflareState, authorization: string | undefined): StoredToken | undefined {
  if (authorization === undefined) {
    throw refusal(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  }
  const [, given] = /^Bearer ([\w-]{40,80})$/.exec(authorization) ?? [];
  if (given === undefined) {
    const chain = [{ code: 6111, message: 'Invalid format for Authorization header' }];
    throw new CloudflareError(400, { code: 6003, message: 'Invalid request headers', error_chain: chain });
  }
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return state.tokens.find(({ value }) => timingSafeEqual(digest(value), digest(given)));
}

/** Whether a token works now, or why not. */
export function statusOf(
  token: Pick<StoredToken, 'status' | 'expires_on' | 'not_before'>,
  now: Date,
): 'active' | 'disabled' | 'expired' {
  if (token.status === 'disabled') return 'disabled';
  if (token.expires_on !== undefined && Date.parse(token.expires_on) <= now.getTime()) return 'expired';
  if (token.not_before !== undefined && Date.parse(token.not_before) > now.getTime()) return 'disabled';
  return 'active';
}

/** Whether the token's policies allow it. A policy that denies wins. */
export function allows(policies: readonly TokenPolicy[], need: Need, resource: Resource): boolean {
  const groups = groupsFor(need, permissionScopes[resource.kind]);
  const matching = policies.filter(
    (policy) => policy.permission_groups.some(({ id }) => groups.includes(id)) && covers(policy.resources, resource),
  );
  return matching.some(({ effect }) => effect === 'allow') && !matching.some(({ effect }) => effect === 'deny');
}

/** Whether a policy's resources hold this one: by its id, by `*`, or a zone as one of its account's. */
export function covers(resources: TokenPolicy['resources'], resource: Resource): boolean {
  const scope = permissionScopes[resource.kind];
  if ([`${scope}.${resource.id}`, `${scope}.*`].some((key) => resources[key] === '*')) return true;
  if (resource.kind !== 'zone') return false;
  const ofAccount = resources[`${permissionScopes.account}.${resource.accountId}`];
  if (typeof ofAccount !== 'object') return false;
  return [`${scope}.${resource.id}`, `${scope}.*`].some((key) => ofAccount[key] === '*');
}
