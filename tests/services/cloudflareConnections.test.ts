import { TunnelConnections } from '../../lab/services/cloudflare/connections';
import type { StoredTunnel } from '../../lab/services/cloudflare/types';
import { CloudflareLab } from './cloudflareLab';

const lab = new CloudflareLab();
beforeAll(() => lab.start());
afterAll(() => lab.stop());

async function connect(token: string, connectors: number): Promise<number> {
  const response = await fetch(`${lab.origin}/lab/tunnel-connections`, {
    method: 'POST',
    body: JSON.stringify({ token, connectors }),
  });
  return response.status;
}

test('a tunnel has the connections that are reported with its token', async () => {
  const tunnels = `/accounts/${lab.accountId('ours')}/cfd_tunnel`;
  const { result } = await lab.call('POST', tunnels, { name: 'one', config_src: 'local' });
  const show = async () => (await lab.call('GET', `${tunnels}/${result.id}`)).result;
  expect(await show()).toMatchObject({ status: 'inactive', connections: [], conns_active_at: null });

  expect(await connect(result.token, 2)).toBe(200);
  const connected = await show();
  expect(connected).toMatchObject({ status: 'healthy', conns_active_at: expect.any(String), conns_inactive_at: null });
  expect(connected.connections).toHaveLength(8);

  expect(await connect(result.token, 0)).toBe(200);
  expect(await show()).toMatchObject({ status: 'down', connections: [], conns_inactive_at: expect.any(String) });

  const parts = {
    ...JSON.parse(Buffer.from(result.token, 'base64').toString()),
    s: Buffer.alloc(32).toString('base64'),
  };
  expect(await connect(Buffer.from(JSON.stringify(parts)).toString('base64'), 1)).toBe(401);
  expect(await connect('no token', 1)).toBe(401);
  expect(await connect(result.token, -1)).toBe(400);
  await lab.call('DELETE', `${tunnels}/${result.id}`);
  expect(await connect(result.token, 1)).toBe(401);
});

test('a connector that is not heard of any more is gone', () => {
  const created_at = '2026-01-01T00:00:00.000Z';
  const tunnel: StoredTunnel = { id: 't', name: 'n', config_src: 'local', secret: 's', created_at, deleted_at: null };
  const account = {
    id: 'a',
    name: 'ours',
    created_on: created_at,
    tunnels: [tunnel],
    accessPolicies: [],
    accessApps: [],
  };
  const token = Buffer.from(JSON.stringify({ a: 'a', t: 't', s: 's' })).toString('base64');
  const connections = new TunnelConnections();
  const at = (seconds: number): Date => new Date(Date.parse(created_at) + seconds * 1000);
  connections.register([account], { token, connectors: 1 }, at(0));
  connections.register([account], { token, connectors: 1 }, at(30));
  expect(connections.show(tunnel, at(74))).toMatchObject({ status: 'healthy', conns_active_at: created_at });
  expect(connections.show(tunnel, at(75))).toEqual({
    ...{ connections: [], conns_active_at: null, status: 'down' },
    conns_inactive_at: at(75).toISOString(),
  });
});
