import { createHash, timingSafeEqual } from 'node:crypto';
import { permissionScopes } from '../../../clients/cloudflare/permissions';
import { permissionGroupIds, type RequiredPermission } from './permissionGroups';
import { CloudflareError, cloudflareError, type CloudflareState, type StoredToken, type TokenPolicy } from './types';

/** The resource that a call accesses. */
export type Resource =
  | { kind: 'zone'; id: string; accountId: string }
  | { kind: 'account'; id: string }
  | { kind: 'user'; id: string };

/**
 * The token of a request, even if it is disabled or expired; undefined if it is unknown.
 * @throws CloudflareError if the header is missing (400, 9106) or malformed (400, 6003)
 */
export function findToken(state: CloudflareState, authorization: string | undefined): StoredToken | undefined {
  if (authorization === undefined) {
    throw cloudflareError(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  }
  const [, bearer] = /^Bearer ([\w-]{40,80})$/.exec(authorization) ?? [];
  if (bearer === undefined) {
    const chain = [{ code: 6111, message: 'Invalid format for Authorization header' }];
    throw new CloudflareError(400, { code: 6003, message: 'Invalid request headers', error_chain: chain });
  }
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return state.tokens.find(({ value }) => timingSafeEqual(digest(value), digest(bearer)));
}

/** The status of a token at a time. A token that is not valid yet is disabled. */
export function statusOf(
  token: Pick<StoredToken, 'status' | 'expires_on' | 'not_before'>,
  now: Date,
): 'active' | 'disabled' | 'expired' {
  if (token.status === 'disabled') return 'disabled';
  if (token.expires_on !== undefined && Date.parse(token.expires_on) <= now.getTime()) return 'expired';
  if (token.not_before !== undefined && Date.parse(token.not_before) > now.getTime()) return 'disabled';
  return 'active';
}

/** Whether the policies grant the permission on the resource. A deny policy takes precedence. */
export function allows(policies: readonly TokenPolicy[], permission: RequiredPermission, resource: Resource): boolean {
  const groups = permissionGroupIds(permission, permissionScopes[resource.kind]);
  const matching = policies.filter(
    (policy) => policy.permission_groups.some(({ id }) => groups.includes(id)) && covers(policy.resources, resource),
  );
  return matching.some(({ effect }) => effect === 'allow') && !matching.some(({ effect }) => effect === 'deny');
}

/** Whether a policy's resources include this one: by its id, by `*`, or for a zone through its account. */
export function covers(resources: TokenPolicy['resources'], resource: Resource): boolean {
  const scope = permissionScopes[resource.kind];
  if ([`${scope}.${resource.id}`, `${scope}.*`].some((key) => resources[key] === '*')) return true;
  if (resource.kind !== 'zone') return false;
  const ofAccount = resources[`${permissionScopes.account}.${resource.accountId}`];
  if (typeof ofAccount !== 'object') return false;
  return [`${scope}.${resource.id}`, `${scope}.*`].some((key) => ofAccount[key] === '*');
}
