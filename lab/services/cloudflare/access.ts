import type { AccountCall, Result, Route } from './call';
import { cloudflareError } from './types';

const name = 'Access: Apps and Policies';
const read = { name, write: false };
const write = { name, write: true };

/** The operations on one Access resource type. `find` throws a CloudflareError if no resource has the call's id. */
interface Handlers<T> {
  list: (call: AccountCall) => readonly T[];
  create: (call: AccountCall) => T;
  find: (call: AccountCall) => T;
  replace: (call: AccountCall) => T;
  remove: (call: AccountCall) => Result;
  /** The resource as the API returns it. */
  show: (call: AccountCall, resource: T) => Result;
}

/** The routes of one Access resource type: a collection of an account whose resources PUT replaces. */
export function accessRoutes<T>(collection: string, handlers: Handlers<T>): readonly Route[] {
  const { list, create, find, replace, remove, show } = handlers;
  const item = `${collection}/:id`;
  const shown =
    (handle: (call: AccountCall) => T) =>
    (call: AccountCall): Result =>
      show(call, handle(call));
  return [
    {
      method: 'GET',
      path: collection,
      scope: 'account',
      permission: read,
      handle: (call) => list(call).map((resource) => show(call, resource)),
    },
    { method: 'POST', path: collection, scope: 'account', permission: write, handle: shown(create) },
    { method: 'GET', path: item, scope: 'account', permission: read, handle: shown(find) },
    { method: 'PUT', path: item, scope: 'account', permission: write, handle: shown(replace) },
    { method: 'DELETE', path: item, scope: 'account', permission: write, handle: remove },
  ];
}

/** Access's error for an invalid request. */
export function invalidRequest(reason: string): Error {
  return cloudflareError(400, 12130, `access.api.error.invalid_request: ${reason}`);
}
