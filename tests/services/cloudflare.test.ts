import { statSync } from 'node:fs';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { CloudflareLab, expiredToken, rootToken, weakToken } from './cloudflareLab';

const lab = new CloudflareLab();
let zone = '';
let account = '';

beforeAll(async () => {
  await lab.start();
  zone = `/zones/${lab.zoneId('example.org')}`;
  account = `/accounts/${lab.accountId('ours')}`;
});
afterAll(() => lab.stop());

const hex = /^[0-9a-f]{32}$/;

describe('authentication', () => {
  test('the health endpoint needs no token and identifies the stand-in', async () => {
    const response = await fetch(`${lab.origin}/healthz`);
    expect(await response.json()).toEqual({ name: 'Cloudflare API (lab stand-in)' });
  });

  test.each([
    ['no token', '', [400, '9106 Missing X-Auth-Key, X-Auth-Email or Authorization headers']],
    ['a malformed token', 'short', [400, '6003 Invalid request headers']],
    ['an unknown token', 'x'.repeat(40), [403, '9109 Invalid access token']],
    ['an expired token', expiredToken, [403, '9109 Invalid access token']],
  ])('rejects %s', async (_, token, expected) => {
    expect(await lab.expectError('GET', '/zones', undefined, token)).toEqual(expected);
  });

  test('every known token can verify itself', async () => {
    const active = await lab.call('GET', '/user/tokens/verify', undefined, weakToken);
    expect(active.result).toEqual({ id: expect.stringMatching(hex), status: 'active' });
    expect(active.messages).toEqual([{ code: 10000, message: 'This API Token is valid and active', type: null }]);
    expect((await lab.call('GET', '/user/tokens/verify', undefined, expiredToken)).result).toEqual({
      id: expect.stringMatching(hex),
      status: 'expired',
      expires_on: '2020-01-01T00:00:00Z',
    });
    expect(await lab.expectError('GET', '/user/tokens/verify', undefined, 'x'.repeat(40))).toEqual([
      401,
      '1000 Invalid API Token',
    ]);
  });

  test('rejects an unknown path, an unsupported method and a body that is not JSON', async () => {
    expect(await lab.expectError('GET', '/zones/example.org')).toEqual([
      400,
      '7003 Could not route to /zones/example.org, perhaps your object identifier is invalid?',
      "7000 No route for that URI, or it is not supported by the lab's Cloudflare stand-in",
    ]);
    expect(await lab.expectError('DELETE', zone)).toEqual([
      405,
      '10405 Method not allowed for this authentication scheme',
    ]);
    expect(await lab.expectError('POST', `${zone}/dns_records`, '{')).toEqual([
      400,
      '6007 Malformed JSON in request body',
    ]);
  });
});

describe('accounts and zones', () => {
  test('can be filtered by name', async () => {
    expect((await lab.call('GET', '/accounts?name=ours')).result).toMatchObject([{ name: 'ours', type: 'standard' }]);
    expect((await lab.call('GET', '/zones?name=example.org')).result).toMatchObject([
      { name: 'example.org', status: 'active', account: { name: 'ours', id: lab.accountId('ours') } },
    ]);
    expect((await lab.call('GET', `/zones?name=example.org&account.id=${lab.accountId('theirs')}`)).result).toEqual([]);
    expect((await lab.call('GET', '/zones?name=other.org')).result).toEqual([]);
  });

  test('are paginated', async () => {
    const { result, info } = await lab.call('GET', '/zones?per_page=2&page=2');
    expect(result).toHaveLength(1);
    expect(info).toEqual({ page: 2, per_page: 2, count: 1, total_count: 3, total_pages: 2 });
  });

  test('a token has access to its own only; others and missing ones give the same error', async () => {
    const token = await mintToken({ origin: lab.origin, token: rootToken, account: 'ours', zone: 'example.org' });
    const names = async (path: string) =>
      (await lab.call('GET', path, undefined, token)).result.map(({ name }: { name: string }) => name);
    expect(await names('/zones')).toEqual(['example.org']);
    expect(await names('/accounts')).toEqual(['ours']);
    for (const id of [lab.zoneId('example.net'), 'a'.repeat(32)]) {
      expect(await lab.expectError('GET', `/zones/${id}/dns_records`, undefined, token)).toEqual([
        403,
        '10000 Authentication error',
      ]);
    }
  });
});

describe('zone settings', () => {
  test('accept allowed values only', async () => {
    expect((await lab.call('GET', `${zone}/settings/ssl`)).result).toMatchObject({ id: 'ssl', value: 'full' });
    const { result } = await lab.call('PATCH', `${zone}/settings/ssl`, { value: 'strict' });
    expect(result).toEqual({ id: 'ssl', value: 'strict', editable: true, modified_on: expect.any(String) });
    expect(await lab.expectError('PATCH', `${zone}/settings/min_tls_version`, { value: '2.0' })).toEqual([
      400,
      '1007 Invalid value for zone setting min_tls_version',
    ]);
    expect(await lab.expectError('GET', `${zone}/settings/polish_it`)).toEqual([
      400,
      '1006 Unrecognized zone setting name: polish_it',
    ]);
  });
});

describe('tunnels', () => {
  const secret = Buffer.alloc(32, 7).toString('base64');
  const tunnels = (): string => `${account}/cfd_tunnel`;

  test('a tunnel is created, given another secret, renamed, and still returned after deletion', async () => {
    const body = { name: 'one', config_src: 'local', tunnel_secret: secret };
    const { result } = await lab.call('POST', tunnels(), body);
    expect(result).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'one',
      config_src: 'local',
      remote_config: false,
      status: 'inactive',
      deleted_at: null,
      account_tag: lab.accountId('ours'),
    });
    const own = `${tunnels()}/${result.id}`;
    const token = async () =>
      JSON.parse(Buffer.from((await lab.call('GET', `${own}/token`)).result, 'base64').toString());
    expect(await token()).toEqual({ a: lab.accountId('ours'), t: result.id, s: secret });

    expect(await lab.expectError('POST', tunnels(), body)).toEqual([
      409,
      '1013 You already have a tunnel with this name. Delete the existing tunnel, or choose a different name for your new tunnel',
    ]);
    const other = Buffer.alloc(40, 8).toString('base64');
    await lab.call('PATCH', own, { tunnel_secret: other });
    expect((await token()).s).toBe(other);
    expect((await lab.call('PATCH', own, { name: 'two' })).result.name).toBe('two');

    await lab.call('DELETE', own);
    expect((await lab.call('GET', own)).result.deleted_at).toEqual(expect.any(String));
    expect(await lab.expectError('DELETE', own)).toEqual([404, '1003 Tunnel not found']);
    expect((await lab.call('GET', `${tunnels()}?is_deleted=false`)).result).toEqual([]);
    expect((await lab.call('POST', tunnels(), { ...body, name: 'two' })).status).toBe(200);
  });

  test.each([
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['not base64', '!'.repeat(44)],
  ])('rejects a secret: %s', async (_, tunnel_secret) => {
    expect(await lab.expectError('POST', tunnels(), { name: 'x', tunnel_secret })).toEqual([
      400,
      '1001 tunnel_secret must be at least 32 bytes and encoded as a base64 string',
    ]);
  });

  test('rejects a token without the permission', async () => {
    const args = { origin: lab.origin, token: rootToken, account: 'ours', zone: 'example.org' };
    const token = await mintToken({ ...args, without: ['Cloudflare Tunnel Write'] });
    expect(await lab.expectError('GET', tunnels(), undefined, token)).toEqual([403, '10000 Authentication error']);
  });
});

test('a restart keeps all data in a private file and takes seeded tokens from the current configuration', async () => {
  const before = (await lab.call('GET', `${account}/cfd_tunnel`)).result;
  await lab.stop();
  lab.config.tokens.pop();
  await lab.start();
  expect((await lab.call('GET', `${account}/cfd_tunnel`)).result).toEqual(before);
  expect(statSync(lab.config.stateFile).mode & 0o777).toBe(0o600);
  expect(await lab.expectError('GET', '/user/tokens/verify', undefined, expiredToken)).toEqual([
    401,
    '1000 Invalid API Token',
  ]);
});
