import type { AccountCall, Result, Route } from './call';
import { refusal } from './types';

const what = 'Access: Apps and Policies';
const read = { what, write: false };
const write = { what, write: true };

/** What Access does with one kind of thing; `find` throws a refusal when there is none with the call's id. */
interface Handlers<T> {
  list: (call: AccountCall) => readonly T[];
  create: (call: AccountCall) => T;
  find: (call: AccountCall) => T;
  replace: (call: AccountCall) => T;
  remove: (call: AccountCall) => Result;
  /** The thing as an answer shows it. */
  show: (call: AccountCall, thing: T) => Result;
}

/** The calls that Access has for one kind of thing: a collection below an account, replaced as a whole by PUT. */
export function accessRoutes<T>(collection: string, handlers: Handlers<T>): readonly Route[] {
  const { list, create, find, replace, remove, show } = handlers;
  const one = `${collection}/:id`;
  const shown =
    (handle: (call: AccountCall) => T) =>
    (call: AccountCall): Result =>
      show(call, handle(call));
  return [
    {
      method: 'GET',
      path: collection,
      below: 'account',
      need: read,
      handle: (call) => list(call).map((thing) => show(call, thing)),
    },
    { method: 'POST', path: collection, below: 'account', need: write, handle: shown(create) },
    { method: 'GET', path: one, below: 'account', need: read, handle: shown(find) },
    { method: 'PUT', path: one, below: 'account', need: write, handle: shown(replace) },
    { method: 'DELETE', path: one, below: 'account', need: write, handle: remove },
  ];
}

/** A call that Access cannot read. */
export function invalid(reason: string): Error {
  return refusal(400, 12130, `access.api.error.invalid_request: ${reason}`);
}
