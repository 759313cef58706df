import { allowsAccount, allowsZone, type Route } from './call';
import type { CloudflareState, StoredAccount, StoredZone } from './types';

const readAccount = { name: 'Account Settings', write: false };
const readZone = { name: 'Zone', write: false };

/** Accounts and zones. Lists contain only those that the token can read. */
export const accountAndZoneRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/accounts',
    scope: 'user',
    permission: undefined,
    handle: (call) => {
      const name = call.query.get('name');
      const visible = call.store.state.accounts.filter((account) => allowsAccount(call, readAccount, account));
      return visible.filter((account) => name === null || account.name === name).map(showAccount);
    },
  },
  {
    method: 'GET',
    path: '/accounts/:account',
    scope: 'account',
    permission: readAccount,
    handle: ({ account }) => showAccount(account),
  },
  {
    method: 'GET',
    path: '/zones',
    scope: 'user',
    permission: undefined,
    handle: (call) => {
      const { state } = call.store;
      const matches = (key: string, value: string): boolean => [null, value].includes(call.query.get(key));
      return state.zones
        .filter((zone) => allowsZone(call, readZone, zone))
        .map((zone) => showZone(state, zone))
        .filter(
          ({ name, status, account }) =>
            matches('name', name) &&
            matches('status', status) &&
            matches('account.id', account.id) &&
            matches('account.name', account.name),
        );
    },
  },
  {
    method: 'GET',
    path: '/zones/:zone',
    scope: 'zone',
    permission: readZone,
    handle: ({ store, zone }) => showZone(store.state, zone),
  },
];

function showAccount({ id, name, created_on }: StoredAccount) {
  return { id, name, type: 'standard', settings: { enforce_twofactor: false, abuse_contact_email: null }, created_on };
}

function showZone({ accounts }: CloudflareState, { id, name, accountId, created_on }: StoredZone) {
  return {
    id,
    name,
    status: 'active',
    paused: false,
    type: 'full',
    development_mode: 0,
    name_servers: ['lab.ns.cloudflare.com', 'stand-in.ns.cloudflare.com'],
    account: { id: accountId, name: accounts.find((account) => account.id === accountId)?.name ?? '' },
    created_on,
    activated_on: created_on,
    modified_on: created_on,
  };
}
