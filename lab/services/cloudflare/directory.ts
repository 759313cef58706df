import { mayInAccount, mayInZone, type Route } from './call';
import type { CloudflareState, StoredAccount, StoredZone } from './types';

const readAccount = { what: 'Account Settings', write: false };
const readZone = { what: 'Zone', write: false };

/** Accounts and zones: lists show what the token may read, and nothing of the rest. */
export const directoryRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/accounts',
    below: 'user',
    need: undefined,
    handle: (call) => {
      const name = call.query.get('name');
      const seen = call.store.state.accounts.filter((account) => mayInAccount(call, readAccount, account));
      return seen.filter((account) => name === null || account.name === name).map(showAccount);
    },
  },
  {
    method: 'GET',
    path: '/accounts/:account',
    below: 'account',
    need: readAccount,
    handle: ({ account }) => showAccount(account),
  },
  {
    method: 'GET',
    path: '/zones',
    below: 'user',
    need: undefined,
    handle: (call) => {
      const { state } = call.store;
      const wanted = (key: string, value: string): boolean => [null, value].includes(call.query.get(key));
      return state.zones
        .filter((zone) => mayInZone(call, readZone, zone))
        .map((zone) => showZone(state, zone))
        .filter(
          ({ name, status, account }) =>
            wanted('name', name) &&
            wanted('status', status) &&
            wanted('account.id', account.id) &&
            wanted('account.name', account.name),
        );
    },
  },
  {
    method: 'GET',
    path: '/zones/:zone',
    below: 'zone',
    need: readZone,
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
