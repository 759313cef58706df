import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { checkCloudflare, type CheckCloudflareArgs } from '../../clients/cloudflare/checkToken';
import { CloudflareLab, expiredToken, rootToken, weakToken } from '../services/cloudflareLab';

const lab = new CloudflareLab();
beforeAll(() => lab.start());
afterAll(() => lab.stop());

const check = (args: Partial<CheckCloudflareArgs> = {}) =>
  checkCloudflare({
    apiToken: rootToken,
    account: 'ours',
    zone: 'example.org',
    needsAccess: true,
    ownsZone: true,
    signal: new AbortController().signal,
    baseUrl: lab.baseUrl,
    ...args,
  });
/** Each result in one line: outcome, name and reason. */
const summaries = async (args: Partial<CheckCloudflareArgs> = {}): Promise<string[]> =>
  (await check(args)).map(
    ({ what, ok, skipped, why }) => `${skipped ? 'skipped' : ok ? 'ok' : 'fail'} ${what}: ${why}`,
  );
const failures = async (args: Partial<CheckCloudflareArgs> = {}) => (await check(args)).filter(({ ok }) => !ok);
const mint = (without: string[], zone = 'example.org', account = 'ours') =>
  mintToken({ origin: lab.origin, token: rootToken, account, zone, without });

async function serve(listener: http.RequestListener): Promise<{ server: http.Server; port: number }> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port without a listener. */
async function closedPort(): Promise<number> {
  const { server, port } = await serve(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a token with all permissions passes', async () => {
  expect(await summaries()).toEqual([
    'ok Cloudflare token: active',
    `ok Cloudflare account ours: ${lab.accountId('ours')}`,
    `ok Cloudflare zone example.org: ${lab.zoneId('example.org')}`,
    'ok Cloudflare permission Zone / Zone / Read: granted',
    'ok Cloudflare permission Zone / Zone Settings / Edit: granted',
    'ok Cloudflare permission Zone / DNS / Edit: granted',
    'ok Cloudflare permission Account / Account Settings / Read: granted',
    'ok Cloudflare permission Account / Cloudflare Tunnel / Edit: granted',
    'ok Cloudflare permission Account / Access: Apps and Policies / Edit: granted',
    'ok Cloudflare permission User / API Tokens / Edit: granted',
  ]);
});

test('checks only the permissions that the stack needs', async () => {
  const apiToken = await mint(['Zone Settings Write', 'Access: Apps and Policies Write']);
  expect(await failures({ apiToken, needsAccess: false, ownsZone: false })).toEqual([]);
  expect((await failures({ apiToken })).map(({ what }) => what)).toEqual([
    'Cloudflare permission Zone / Zone Settings / Edit',
    'Cloudflare permission Account / Access: Apps and Policies / Edit',
  ]);
});

describe('exactly one check fails', () => {
  test('a token without DNS:Edit', async () => {
    expect(await failures({ apiToken: weakToken })).toEqual([
      {
        what: 'Cloudflare permission Zone / DNS / Edit',
        ok: false,
        why: 'the token lacks it',
        fix: 'edit the token in the Cloudflare dashboard (its value stays the same) and add Zone / DNS / Edit for zone example.org',
      },
    ]);
  });

  test('an unknown zone', async () => {
    expect(await failures({ zone: 'other.org' })).toEqual([
      {
        what: 'Cloudflare zone other.org',
        ok: false,
        why: 'the token sees no zone other.org in account ours',
        fix: 'correct SECRET_DOMAIN in the cluster settings, add the zone to the account, or give the token Zone / Zone / Read for it',
      },
    ]);
    expect(await summaries({ zone: 'other.org' })).toContain(
      'skipped Cloudflare permission Zone / DNS / Edit: zone other.org was not found',
    );
  });

  test("another account's zone", async () => {
    expect(await failures({ zone: 'elsewhere.org' })).toEqual([
      {
        what: 'Cloudflare zone elsewhere.org',
        ok: false,
        why: 'it is in account theirs, not in ours',
        fix: "correct cloudflare.account in the stack's configuration",
      },
    ]);
  });

  test('an unknown account', async () => {
    expect(await failures({ account: 'absent' })).toEqual([
      {
        what: 'Cloudflare account absent',
        ok: false,
        why: 'the token sees no account absent',
        fix: "correct cloudflare.account in the stack's configuration, or give the token Account / Account Settings / Read for it",
      },
    ]);
  });

  test.each([
    ['Zone Read', 'Zone / Zone / Read'],
    ['Account Settings Read', 'Account / Account Settings / Read'],
    ['Cloudflare Tunnel Write', 'Account / Cloudflare Tunnel / Edit'],
  ])('a token without %s', async (name, label) => {
    const apiToken = 'less'.repeat(10);
    await lab.stop();
    lab.config.tokens.push({ name: 'less', value: apiToken, without: [name] });
    await lab.start();
    expect((await failures({ apiToken })).map(({ what }) => what)).toEqual([`Cloudflare permission ${label}`]);
    lab.config.tokens.pop();
  });

  test('a token that cannot read tokens: its own permissions are unknown', async () => {
    const apiToken = await mint(['API Tokens Write']);
    expect(await failures({ apiToken })).toEqual([
      {
        what: 'Cloudflare permission User / API Tokens / Edit',
        ok: false,
        why: 'the token lacks it',
        fix:
          'create a token from the dashboard template "Create additional tokens", add the other permissions, and set it: ' +
          'pulumi config set --secret cloudflareApiToken',
      },
    ]);
    expect(await summaries({ apiToken })).toContain(
      'skipped Cloudflare permission Zone / DNS / Edit: the token may not read its own permissions',
    );
  });

  test('an unknown token', async () => {
    const lines = await check({ apiToken: 'x'.repeat(40) });
    expect(lines[0]).toEqual({
      what: 'Cloudflare token',
      ok: false,
      why: 'refused with 401 Invalid API Token (1000)',
      fix: 'set a valid user API token: pulumi config set --secret cloudflareApiToken',
    });
    expect(lines.slice(1).every(({ skipped, why }) => skipped && why === 'the token does not work')).toBe(true);
    expect(lines).toHaveLength(10);
  });

  test('an expired token', async () => {
    expect(await failures({ apiToken: expiredToken })).toEqual([
      {
        what: 'Cloudflare token',
        ok: false,
        why: 'expired at 2020-01-01T00:00:00Z',
        fix: 'create a new one in the Cloudflare dashboard and set it: pulumi config set --secret cloudflareApiToken',
      },
    ]);
  });

  test('no response', async () => {
    const port = await closedPort();
    const [line, ...more] = await failures({ baseUrl: `http://127.0.0.1:${port}` });
    expect(more).toEqual([]);
    expect(line).toEqual({
      what: 'Cloudflare token',
      ok: false,
      why: `127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
      fix: 'try again; this machine must be able to reach Cloudflare (through the proxy in HTTPS_PROXY, if set)',
    });
  });

  test.each([
    [502, '<html>proxy</html>', 'responded with 502, but not in the format of the Cloudflare API'],
    [
      500,
      '{"success":false,"errors":[{"code":10001,"message":"broken"}]}',
      'the Cloudflare API refused with 500 broken (10001)',
    ],
  ])('an unusable response with status %i', async (status, text, why) => {
    const { server, port } = await serve((_, response) => response.writeHead(status).end(text));
    const lines = await failures({ baseUrl: `http://127.0.0.1:${port}` });
    expect(lines.map(({ what, why: found }) => [what, found])).toEqual([
      ['Cloudflare token', why.startsWith('responded') ? `127.0.0.1:${port} ${why}` : why],
    ]);
    server.closeAllConnections();
    server.close();
  });
});

test('a permission for another zone is not sufficient', async () => {
  const apiToken = await mint([], 'example.net');
  const [line] = (await failures({ apiToken })).filter(({ what }) => what.includes('zone'));
  expect(line?.why).toBe('the token sees no zone example.org in account ours');
});

test('no result contains the token', async () => {
  for (const apiToken of [rootToken, weakToken, expiredToken, 'x'.repeat(40), 'short']) {
    expect(JSON.stringify(await check({ apiToken }))).not.toContain(apiToken);
  }
});

test('an aborted check rejects with the abort reason', async () => {
  const controller = new AbortController();
  controller.abort(new Error('stopped'));
  await expect(check({ signal: controller.signal })).rejects.toThrow('stopped');
});
