import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { checkCloudflare, type CheckCloudflareArgs } from '../../clients/cloudflare/checkToken';
import { CloudflareLab, expiredToken, rootToken, weakToken } from '../world/cloudflareLab';

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
/** Each line in short: its name, and what is to say of it. */
const short = async (args: Partial<CheckCloudflareArgs> = {}): Promise<string[]> =>
  (await check(args)).map(
    ({ what, ok, skipped, why }) => `${skipped ? 'skipped' : ok ? 'ok' : 'fail'} ${what}: ${why}`,
  );
const red = async (args: Partial<CheckCloudflareArgs> = {}) => (await check(args)).filter(({ ok }) => !ok);
const mint = (without: string[], zone = 'example.org', account = 'ours') =>
  mintToken({ origin: lab.origin, token: rootToken, account, zone, without });

async function serve(listener: http.RequestListener): Promise<{ server: http.Server; port: number }> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const { server, port } = await serve(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a token that will do', async () => {
  expect(await short()).toEqual([
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

test('only what the stack needs is asked for', async () => {
  const apiToken = await mint(['Zone Settings Write', 'Access: Apps and Policies Write']);
  expect(await red({ apiToken, needsAccess: false, ownsZone: false })).toEqual([]);
  expect((await red({ apiToken })).map(({ what }) => what)).toEqual([
    'Cloudflare permission Zone / Zone Settings / Edit',
    'Cloudflare permission Account / Access: Apps and Policies / Edit',
  ]);
});

describe('exactly one line is red', () => {
  test('a token without DNS:Edit', async () => {
    expect(await red({ apiToken: weakToken })).toEqual([
      {
        what: 'Cloudflare permission Zone / DNS / Edit',
        ok: false,
        why: 'the token lacks it',
        fix: 'edit the token in the Cloudflare dashboard (its value stays the same) and add Zone / DNS / Edit for zone example.org',
      },
    ]);
  });

  test('an unknown zone', async () => {
    expect(await red({ zone: 'other.org' })).toEqual([
      {
        what: 'Cloudflare zone other.org',
        ok: false,
        why: 'the token sees no zone other.org in account ours',
        fix: 'correct SECRET_DOMAIN in the cluster settings, add the zone to the account, or give the token Zone / Zone / Read for it',
      },
    ]);
    expect(await short({ zone: 'other.org' })).toContain(
      'skipped Cloudflare permission Zone / DNS / Edit: zone other.org was not found',
    );
  });

  test("another account's zone", async () => {
    expect(await red({ zone: 'elsewhere.org' })).toEqual([
      {
        what: 'Cloudflare zone elsewhere.org',
        ok: false,
        why: 'it is in account theirs, not in ours',
        fix: "correct cloudflare.account in the stack's configuration",
      },
    ]);
  });

  test('an unknown account', async () => {
    expect(await red({ account: 'nobody' })).toEqual([
      {
        what: 'Cloudflare account nobody',
        ok: false,
        why: 'the token sees no account nobody',
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
    expect((await red({ apiToken })).map(({ what }) => what)).toEqual([`Cloudflare permission ${label}`]);
    lab.config.tokens.pop();
  });

  test('a token that may not handle tokens: what it may is not known', async () => {
    const apiToken = await mint(['API Tokens Write']);
    expect(await red({ apiToken })).toEqual([
      {
        what: 'Cloudflare permission User / API Tokens / Edit',
        ok: false,
        why: 'the token lacks it',
        fix:
          'make a token from the dashboard\'s template "Create additional tokens", with the other permissions added, ' +
          'and set it: pulumi config set --secret cloudflareApiToken',
      },
    ]);
    expect(await short({ apiToken })).toContain(
      'skipped Cloudflare permission Zone / DNS / Edit: the token may not read its own permissions',
    );
  });

  test('an unknown token', async () => {
    const lines = await check({ apiToken: 'x'.repeat(40) });
    expect(lines[0]).toEqual({
      what: 'Cloudflare token',
      ok: false,
      why: 'refused with 401 Invalid API Token (1000)',
      fix: "set a user's API token that is valid: pulumi config set --secret cloudflareApiToken",
    });
    expect(lines.slice(1).every(({ skipped, why }) => skipped && why === 'the token does not work')).toBe(true);
    expect(lines).toHaveLength(10);
  });

  test('an expired token', async () => {
    expect(await red({ apiToken: expiredToken })).toEqual([
      {
        what: 'Cloudflare token',
        ok: false,
        why: 'expired at 2020-01-01T00:00:00Z',
        fix: 'make another one in the Cloudflare dashboard and set it: pulumi config set --secret cloudflareApiToken',
      },
    ]);
  });

  test('nobody answers', async () => {
    const port = await closedPort();
    const [line, ...more] = await red({ baseUrl: `http://127.0.0.1:${port}` });
    expect(more).toEqual([]);
    expect(line).toEqual({
      what: 'Cloudflare token',
      ok: false,
      why: `127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
      fix: 'try again; Cloudflare must be reachable from here (HTTPS_PROXY names a proxy)',
    });
  });

  test.each([
    [502, '<html>proxy</html>', 'answered 502 and not as Cloudflare does'],
    [
      500,
      '{"success":false,"errors":[{"code":10001,"message":"broken"}]}',
      "Cloudflare's API refused with 500 broken (10001)",
    ],
  ])('an answer %i that is no help', async (status, text, why) => {
    const { server, port } = await serve((_, response) => response.writeHead(status).end(text));
    const lines = await red({ baseUrl: `http://127.0.0.1:${port}` });
    expect(lines.map(({ what, why: found }) => [what, found])).toEqual([
      ['Cloudflare token', why.startsWith('answered') ? `127.0.0.1:${port} ${why}` : why],
    ]);
    server.closeAllConnections();
    server.close();
  });
});

test('a permission for another zone is not enough', async () => {
  const apiToken = await mint([], 'example.net');
  const [line] = (await red({ apiToken })).filter(({ what }) => what.includes('zone'));
  expect(line?.why).toBe('the token sees no zone example.org in account ours');
});

test('no line holds the token', async () => {
  for (const apiToken of [rootToken, weakToken, expiredToken, 'x'.repeat(40), 'short']) {
    expect(JSON.stringify(await check({ apiToken }))).not.toContain(apiToken);
  }
});

test('an aborted check ends as it was aborted', async () => {
  const controller = new AbortController();
  controller.abort(new Error('stopped'));
  await expect(check({ signal: controller.signal })).rejects.toThrow('stopped');
});
