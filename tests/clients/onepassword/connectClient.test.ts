import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectClient } from '../../../clients/onepassword/connectClient';
import { checkConnectTokens } from '../../../clients/onepassword/connectToken';
import { expiringToken } from '../support/fakeConnect';
import { TestVault, tokens } from '../support/testVault';

const { signal } = new AbortController();

describe('a Connect server with errors', () => {
  let server: Server;
  afterEach(() => server.close());

  /** Responds with these statuses in turn, then always with the last one. */
  async function failingServer(...statuses: number[]) {
    const seen: string[] = [];
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      const status = statuses[Math.min(seen.length, statuses.length) - 1] ?? 200;
      response.setHeader('connection', 'close');
      response.writeHead(status).end(status === 200 ? '[{"id":"v","name":"lab"}]' : '{"message":"not now"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { seen, host, client: new ConnectClient(host, 'top-secret', signal, [1, 1]) };
  }

  test('is retried until it succeeds', async () => {
    const { client, seen } = await failingServer(503, 429, 200);
    expect(await client.vaultId('lab')).toBe('v');
    expect(seen).toHaveLength(3);
    await client.close();
  });

  test('is retried once per pause, and no more', async () => {
    const { client, seen, host } = await failingServer(503);
    await expect(client.vaultId('lab')).rejects.toThrow(
      `1Password Connect at ${host} refused GET of vault lab: 503 not now`,
    );
    expect(seen).toHaveLength(3);
    await client.close();
  });

  test('a 403 is not retried, and neither is a creation', async () => {
    const refusing = await failingServer(403);
    await expect(refusing.client.vaultId('lab')).rejects.toThrow('403 not now; the token has no access to this vault');
    expect(refusing.seen).toHaveLength(1);
    await refusing.client.close();
    server.close();
    const failing = await failingServer(500);
    await expect(failing.client.createNote('v', 'item', [])).rejects.toThrow('refused POST of item item: 500 not now');
    expect(failing.seen).toHaveLength(1);
    await failing.client.close();
  });

  test('an abort ends the pause', async () => {
    const { host } = await failingServer(503);
    const stop = new AbortController();
    const client = new ConnectClient(host, 'top-secret', stop.signal, [60_000]);
    const result = client.vaultId('lab');
    setTimeout(() => stop.abort(new Error('stopped')), 50);
    await expect(result).rejects.toThrow('stopped');
    await client.close();
  });
});

describe('the check of the two tokens', () => {
  const vault = new TestVault();
  beforeAll(() => vault.start());
  afterAll(() => vault.stop());
  const check = (change: object = {}) =>
    checkConnectTokens({
      host: vault.host,
      vault: 'k8s-gitops',
      readToken: tokens.reads,
      writeToken: tokens.writes,
      signal,
      ...change,
    });

  test('valid tokens: no problems', async () => {
    expect(await check()).toEqual([]);
  });

  test('an expired token: the problem contains the date', async () => {
    expect(await check({ readToken: tokens.expired })).toEqual([
      {
        token: 'connectToken',
        kind: 'token',
        why: 'the token expired at 2020-01-01T00:00:00.000Z',
        fix: 'create a new one and set it: pulumi config set --secret connectToken',
      },
    ]);
  });

  test('a token that expires within a day is refused, one that expires within two weeks only warned of', async () => {
    const inHours = (hours: number) => expiringToken(new Date(Date.now() + hours * 3_600_000));
    const [refused] = await check({ readToken: inHours(23) });
    expect(refused).toMatchObject({
      token: 'connectToken',
      kind: 'token',
      why: expect.stringMatching(/within 24 hours$/),
    });
    const [warned] = await check({ readToken: inHours(13 * 24) });
    expect(warned).toMatchObject({ token: 'connectToken', kind: 'expires-soon' });
    expect(warned?.why).toMatch(/^the token expires at .*, in 13 days$/);
    expect(await check({ readToken: inHours(15 * 24) })).toEqual([]);
  });

  test('an invalid token, and a vault that neither token has access to', async () => {
    const [wrong, ...more] = await check({ writeToken: 'top-secret' });
    expect(more).toEqual([]);
    expect(wrong).toMatchObject({ token: 'connectWriteToken', kind: 'token' });
    expect(wrong?.why).toContain('401 Invalid bearer token');
    expect(JSON.stringify(wrong)).not.toContain('top-secret');
    expect((await check({ vault: 'private' })).map(({ token, kind }) => [token, kind])).toEqual([
      ['connectToken', 'no-vault'],
      ['connectWriteToken', 'no-vault'],
    ]);
  });
});
