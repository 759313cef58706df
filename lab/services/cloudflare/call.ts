import { allows } from './authorization';
import type { Need } from './permissionGroups';
import type { CloudflareStore } from './store';
import { refusal, type StoredAccount, type StoredToken, type StoredZone } from './types';

/** One call of the API by a token that works. */
export interface Call {
  store: CloudflareStore;
  token: StoredToken;
  /** What the path names: `:id` of the route, or "" when it has none. */
  id: string;
  query: URLSearchParams;
  /** The body, when the method has one. */
  body: Record<string, unknown>;
  now: Date;
}

/** A call below an account. */
export interface AccountCall extends Call {
  account: StoredAccount;
}

/** A call below a zone. */
export interface ZoneCall extends Call {
  zone: StoredZone;
}

/** What goes into the answer as `result`; a list is given in pages. */
export type Result = unknown;

/** A kind of call: where, what it asks for, and what it does. */
export type Route = { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string } & (
  | { below: 'account'; need: Need; handle: (call: AccountCall) => Result }
  | { below: 'zone'; need: Need; handle: (call: ZoneCall) => Result }
  | { below: 'user'; need: Need | undefined; handle: (call: Call) => Result }
);

/** Whether the call's token may do it in that account. */
export function mayInAccount({ token }: Call, need: Need, account: StoredAccount): boolean {
  return allows(token.policies, need, { kind: 'account', id: account.id });
}

/** Whether the call's token may do it in that zone. */
export function mayInZone({ token }: Call, need: Need, zone: StoredZone): boolean {
  return allows(token.policies, need, { kind: 'zone', id: zone.id, accountId: zone.accountId });
}

/** A text of the body; `undefined` when it is not there. Another type is a 400. */
export function textOf({ body }: Call, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw refusal(400, 9207, `Request body is invalid: ${key} must be a string`);
  return value;
}

/** The entry with the call's id; `missing` is thrown when there is none. */
export function byId<T extends { id: string }>(entries: readonly T[], { id }: Call, missing: Error): T {
  const found = entries.find((entry) => entry.id === id);
  if (found === undefined) throw missing;
  return found;
}
