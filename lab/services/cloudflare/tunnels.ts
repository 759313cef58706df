import { randomBytes, randomUUID } from 'node:crypto';
import { findById, stringField, type AccountCall, type Route } from './call';
import { cloudflareError, type StoredAccount, type StoredTunnel } from './types';

const name = 'Cloudflare Tunnel';
const read = { name, write: false };
const write = { name, write: true };

/** Tunnels for cloudflared, which is connected as far as its stand-ins report. */
export const tunnelRoutes: readonly Route[] = [
  { method: 'GET', path: '/accounts/:account/cfd_tunnel', scope: 'account', permission: read, handle: list },
  { method: 'POST', path: '/accounts/:account/cfd_tunnel', scope: 'account', permission: write, handle: create },
  {
    method: 'GET',
    path: '/accounts/:account/cfd_tunnel/:id',
    scope: 'account',
    permission: read,
    // Cloudflare still returns a deleted tunnel by its id.
    handle: (call) => show(call, find(call)),
  },
  { method: 'PATCH', path: '/accounts/:account/cfd_tunnel/:id', scope: 'account', permission: write, handle: edit },
  { method: 'DELETE', path: '/accounts/:account/cfd_tunnel/:id', scope: 'account', permission: write, handle: remove },
  {
    method: 'GET',
    path: '/accounts/:account/cfd_tunnel/:id/token',
    scope: 'account',
    permission: read,
    handle: (call) => tokenOf(call.account, findActive(call)),
  },
];

function list(call: AccountCall): unknown[] {
  const { account, query } = call;
  const [name, deleted] = [query.get('name'), query.get('is_deleted')];
  return account.tunnels
    .filter((tunnel) => name === null || tunnel.name === name)
    .filter(({ deleted_at }) => deleted === null || String(deleted_at !== null) === deleted)
    .map((tunnel) => show(call, tunnel));
}

function create(call: AccountCall): unknown {
  const { store, account, now } = call;
  const name = nameOf(call, undefined);
  const source = stringField(call, 'config_src') ?? 'local';
  if (source !== 'local' && source !== 'cloudflare') {
    throw cloudflareError(400, 1001, 'config_src must be local or cloudflare');
  }
  const tunnel: StoredTunnel = {
    id: randomUUID(),
    name,
    config_src: source,
    secret: secretOf(call) ?? randomBytes(32).toString('base64'),
    created_at: now.toISOString(),
    deleted_at: null,
  };
  account.tunnels.push(tunnel);
  store.save();
  const { id, secret } = tunnel;
  return {
    ...show(call, tunnel),
    credentials_file: { AccountTag: account.id, TunnelID: id, TunnelName: name, TunnelSecret: secret },
    token: tokenOf(account, tunnel),
  };
}

function edit(call: AccountCall): unknown {
  const tunnel = findActive(call);
  const secret = secretOf(call);
  if (call.body.name !== undefined) tunnel.name = nameOf(call, tunnel);
  if (secret !== undefined) tunnel.secret = secret;
  call.store.save();
  return show(call, tunnel);
}

function remove(call: AccountCall): unknown {
  const tunnel = findActive(call);
  tunnel.deleted_at = call.now.toISOString();
  call.store.save();
  return show(call, tunnel);
}

/** The name in the body. It must be unique among the tunnels that are not deleted. */
function nameOf(call: AccountCall, self: StoredTunnel | undefined): string {
  const name = stringField(call, 'name') ?? '';
  if (name === '' || name.length > 100) throw cloudflareError(400, 1001, 'Tunnel name must have 1 to 100 characters');
  const taken = call.account.tunnels.some(
    (tunnel) => tunnel !== self && tunnel.name === name && tunnel.deleted_at === null,
  );
  if (!taken) return name;
  const message =
    'You already have a tunnel with this name. Delete the existing tunnel, or choose a different name for your new tunnel';
  throw cloudflareError(409, 1013, message);
}

function secretOf(call: AccountCall): string | undefined {
  const secret = stringField(call, 'tunnel_secret');
  if (secret === undefined) return undefined;
  const bytes = Buffer.from(secret, 'base64');
  if (bytes.length >= 32 && bytes.toString('base64') === secret) return secret;
  throw cloudflareError(400, 1001, 'tunnel_secret must be at least 32 bytes and encoded as a base64 string');
}

function find(call: AccountCall): StoredTunnel {
  return findById(call.account.tunnels, call, cloudflareError(404, 1003, 'Tunnel not found'));
}

function findActive(call: AccountCall): StoredTunnel {
  const tunnel = find(call);
  if (tunnel.deleted_at !== null) throw cloudflareError(404, 1003, 'Tunnel not found');
  return tunnel;
}

/** The token for cloudflared's `--token` flag. */
function tokenOf(account: StoredAccount, { id, secret }: StoredTunnel): string {
  return Buffer.from(JSON.stringify({ a: account.id, t: id, s: secret })).toString('base64');
}

function show({ store, account, now }: AccountCall, tunnel: StoredTunnel): Record<string, unknown> {
  const { id, name, config_src, created_at, deleted_at } = tunnel;
  return {
    id,
    account_tag: account.id,
    created_at,
    deleted_at,
    name,
    ...store.connections.show(tunnel, now),
    tun_type: 'cfd_tunnel',
    metadata: {},
    remote_config: config_src === 'cloudflare',
    config_src,
  };
}
