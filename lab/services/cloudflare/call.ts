import { allows } from './authorization';
import type { RequiredPermission } from './permissionGroups';
import type { CloudflareStore } from './store';
import { cloudflareError, type StoredAccount, type StoredToken, type StoredZone } from './types';

/** An API call with a valid token. */
export interface Call {
  store: CloudflareStore;
  token: StoredToken;
  /** The value of the route's `:id`; "" if the route has none. */
  id: string;
  query: URLSearchParams;
  /** The JSON body; empty for methods without one. */
  body: Record<string, unknown>;
  now: Date;
}

/** A call on a path of an account. */
export interface AccountCall extends Call {
  account: StoredAccount;
}

/** A call on a path of a zone. */
export interface ZoneCall extends Call {
  zone: StoredZone;
}

/** The `result` of a response. Lists are paginated. */
export type Result = unknown;

/** A route: method and path, the permission it requires, and its handler. */
export type Route = { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string } & (
  | { scope: 'account'; permission: RequiredPermission; handle: (call: AccountCall) => Result }
  | { scope: 'zone'; permission: RequiredPermission; handle: (call: ZoneCall) => Result }
  | { scope: 'user'; permission: RequiredPermission | undefined; handle: (call: Call) => Result }
);

/** Whether the call's token has the permission for that account. */
export function allowsAccount({ token }: Call, permission: RequiredPermission, account: StoredAccount): boolean {
  return allows(token.policies, permission, { kind: 'account', id: account.id });
}

/** Whether the call's token has the permission for that zone. */
export function allowsZone({ token }: Call, permission: RequiredPermission, zone: StoredZone): boolean {
  return allows(token.policies, permission, { kind: 'zone', id: zone.id, accountId: zone.accountId });
}

/**
 * A string field of the body; undefined if it is absent or null.
 * @throws CloudflareError 400 for another type
 */
export function stringField({ body }: Call, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw cloudflareError(400, 9207, `Request body is invalid: ${key} must be a string`);
  return value;
}

/** The entry with the call's id; throws `missing` if there is none. */
export function findById<T extends { id: string }>(entries: readonly T[], { id }: Call, missing: Error): T {
  const found = entries.find((entry) => entry.id === id);
  if (found === undefined) throw missing;
  return found;
}
