import * as fs from 'node:fs';
import * as path from 'node:path';
import { startConnect, type ConnectConfig } from '../../lab/services/connect/standIn';
import { generateTokenKey, mintConnectToken, publicKeyOf, vaultIdOf } from '../../lab/services/connect/token';
import type { VaultAccess } from '../../lab/services/connect/types';
import type { RunningServer } from '../../lab/services/runServer';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from './temporaryFolder';

const stateFile = path.join(temporaryFolder(), 'vaults.json');
const privateKey = generateTokenKey();
const mint = (vaults: VaultAccess, expires?: Date): string => mintConnectToken({ privateKey, vaults, expires });
const soon = new Date(Date.now() + 3_600_000);
const tokens: Record<string, string> = {
  reader: mint({ lab: 'read' }, soon),
  writer: mint({ lab: 'write' }),
  'signed with another key': mintConnectToken({ privateKey: generateTokenKey(), vaults: { lab: 'write' } }),
  expired: mint({ lab: 'write' }, new Date(Date.now() - 1_000)),
};
const config: ConnectConfig = {
  port: 0,
  stateFile,
  tokenKey: publicKeyOf(privateKey),
  vaults: { lab: [{ title: 'seeded', fields: { password: 's3cret' } }], private: [] },
  lagMilliseconds: 300,
};
let server: RunningServer;
let vaultId = '';

async function call(token: string | undefined, method: string, target: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${server.port}${target}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${tokens[token] ?? token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** Waits until readers see earlier writes. */
const caughtUp = (): Promise<void> => sleep(config.lagMilliseconds + 50);

const filter = (text: string): string => `filter=${encodeURIComponent(text)}`;
const item = (title: string, fields: unknown[] = []): unknown => ({
  title,
  category: 'API_CREDENTIAL',
  vault: { id: vaultId },
  fields,
});

beforeAll(async () => {
  server = await startConnect(config);
  vaultId = (await call('reader', 'GET', '/v1/vaults')).body[0].id;
});
afterAll(() => server.close());

describe('access to the Connect stand-in', () => {
  test('the health endpoints need no token and identify the stand-in', async () => {
    expect((await fetch(`http://127.0.0.1:${server.port}/heartbeat`)).status).toBe(200);
    expect((await call(undefined, 'GET', '/health')).body.name).toBe('1Password Connect API (lab stand-in)');
  });

  test.each([undefined, 'wrong', '', 'signed with another key', 'expired'])('rejects the token %p', async (token) => {
    expect(await call(token, 'GET', '/v1/vaults')).toEqual({
      status: 401,
      body: { status: 401, message: 'Invalid bearer token' },
    });
  });

  test('a token sees only its vaults; other vaults and missing ones give the same error', async () => {
    const vaults = await call('reader', 'GET', '/v1/vaults');
    expect(vaults.body).toHaveLength(1);
    expect(vaults.body[0]).toMatchObject({ name: 'lab', type: 'USER_CREATED' });
    for (const id of [vaultIdOf('private'), 'a'.repeat(26)]) {
      expect(await call('writer', 'GET', `/v1/vaults/${id}`)).toEqual({
        status: 403,
        body: { status: 403, message: 'Authorization: token does not have access to vault' },
      });
    }
  });

  test("a read-only token cannot write: status and message are the real server's", async () => {
    expect(await call('reader', 'POST', `/v1/vaults/${vaultId}/items`, item('x'))).toEqual({
      status: 401,
      body: { status: 401, message: 'Unauthorized Request, token does not have write access to the Vault' },
    });
  });
});

describe('vaults and items', () => {
  test.each(['name eq "lab"', 'title eq "lab"', 'title co "a"'])('finds a vault by %s', async (text) => {
    expect((await call('reader', 'GET', `/v1/vaults?${filter(text)}`)).body).toHaveLength(1);
    // The path that the JavaScript client requests.
    expect((await call('reader', 'GET', `/v1/vaults/?${filter(text)}`)).body).toHaveLength(1);
  });

  test('a list omits the fields of items', async () => {
    const { body: list } = await call('reader', 'GET', `/v1/vaults/${vaultId}/items?${filter('title eq "seeded"')}`);
    expect(list).toHaveLength(1);
    expect(list[0]).not.toHaveProperty('fields');
    const { body: found } = await call('reader', 'GET', `/v1/vaults/${vaultId}/items/${list[0].id}`);
    expect(found.fields).toEqual([
      { id: expect.stringMatching(/^[a-z0-9]{26}$/), label: 'password', type: 'CONCEALED', value: 's3cret' },
    ]);
  });

  test('an item is created, replaced, patched and deleted', async () => {
    const fields = [
      { label: 'key', type: 'CONCEALED', value: 'one' },
      { label: 'made', type: 'CONCEALED', generate: true },
    ];
    const { status, body: created } = await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item('new', fields));
    expect(status).toBe(200);
    expect(created).toMatchObject({ title: 'new', version: 1, vault: { id: vaultId } });
    expect(created.fields[1].value).toMatch(/^\w{32}$/);
    const own = `/v1/vaults/${vaultId}/items/${created.id}`;

    // As with the real server, the response has the previous version; the next read has the new one.
    const replaced = await call('writer', 'PUT', own, { ...created, title: 'renamed' });
    expect(replaced.body).toMatchObject({ id: created.id, title: 'renamed', version: 1, createdAt: created.createdAt });

    const patch = [{ op: 'replace', path: `/fields/${created.fields[0].id}/value`, value: 'two' }];
    const patched = await call('writer', 'PATCH', own, patch);
    expect(patched.body.fields[0]).toMatchObject({ label: 'key', value: 'two' });
    await caughtUp();
    expect((await call('reader', 'GET', own)).body).toMatchObject({ title: 'renamed', version: 3 });

    expect(await call('writer', 'DELETE', own)).toEqual({ status: 204, body: undefined });
    await caughtUp();
    expect(await call('reader', 'GET', own)).toEqual({
      status: 404,
      body: { status: 404, message: `Item ${created.id} not found in vault ${vaultId}` },
    });
  });

  test('reads lag behind writes and see them in order', async () => {
    const { body: created } = await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item('late'));
    const own = `/v1/vaults/${vaultId}/items/${created.id}`;
    const named = `/v1/vaults/${vaultId}/items?${filter('title eq "late"')}`;
    expect((await call('reader', 'GET', own)).status).toBe(404);
    expect((await call('reader', 'GET', named)).body).toEqual([]);
    await caughtUp();
    expect((await call('reader', 'GET', own)).status).toBe(200);
    expect((await call('reader', 'GET', named)).body).toHaveLength(1);
    await call('writer', 'DELETE', own);
    expect((await call('reader', 'GET', own)).status).toBe(200);
    await caughtUp();
    expect((await call('reader', 'GET', own)).status).toBe(404);
  });

  test('concurrent writes to a vault conflict, even for different items', async () => {
    const posts = [1, 2, 3, 4, 5, 6].map((name) =>
      call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item(`concurrent ${name}`)),
    );
    const answers = await Promise.all(posts);
    const created = answers.filter(({ status }) => status === 200);
    const conflicts = answers.filter(({ status }) => status === 409);
    expect(created.length).toBeGreaterThan(0);
    expect(conflicts.length).toBeGreaterThan(0);
    expect(created.length + conflicts.length).toBe(6);
    await caughtUp();
    const { body: all } = await call('reader', 'GET', `/v1/vaults/${vaultId}/items`);
    expect(all.filter(({ title }: { title: string }) => title.startsWith('concurrent'))).toHaveLength(created.length);
    // For a deletion, the error does not give the reason.
    const own = `/v1/vaults/${vaultId}/items/${created[0]?.body.id}`;
    const removed = await Promise.all([1, 2, 3, 4, 5, 6].map(() => call('writer', 'DELETE', own)));
    expect(removed).toContainEqual({ status: 204, body: undefined });
    expect(removed).toContainEqual({ status: 500, body: { status: 500, message: 'Something went wrong' } });
  });

  test('replacing an item that has changed since it was read is a conflict', async () => {
    const { body: created } = await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item('contended'));
    const own = `/v1/vaults/${vaultId}/items/${created.id}`;
    expect((await call('writer', 'PUT', own, created)).status).toBe(200);
    expect(await call('writer', 'PUT', own, created)).toEqual({
      status: 409,
      body: { status: 409, message: 'Conflict: another client changed the vault' },
    });
  });

  test('two items can have the same title', async () => {
    await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item('twin'));
    await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, item('twin'));
    await caughtUp();
    const { body } = await call('reader', 'GET', `/v1/vaults/${vaultId}/items?${filter('title eq "twin"')}`);
    expect(body).toHaveLength(2);
  });

  test.each([
    ['an unknown category', { title: 'x', category: 'NOPE', vault: { id: 'v' } }, /^Invalid item: category: /],
    ['another vault', { title: 'x', category: 'LOGIN', vault: { id: 'v' } }, /^The vault of the item differs/],
  ])('%s is a bad request', async (_, body, message) => {
    const answer = await call('writer', 'POST', `/v1/vaults/${vaultId}/items`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toMatch(message);
  });

  test('rejects an unsupported filter, an invalid id and an unknown path', async () => {
    expect((await call('reader', 'GET', `/v1/vaults?${filter('size gt 3')}`)).body).toEqual({
      status: 400,
      message: 'Invalid filter: size gt 3',
    });
    expect((await call('reader', 'GET', '/v1/vaults/lab')).body).toEqual({
      status: 400,
      message: 'Invalid Vault UUID',
    });
    expect((await call('reader', 'GET', '/v1/activity')).body).toEqual({
      status: 404,
      message: "Path /v1/activity is not supported by the lab's Connect stand-in",
    });
  });

  test('a restart keeps all data, in a private file', async () => {
    const before = (await call('reader', 'GET', `/v1/vaults/${vaultId}/items`)).body;
    await server.close();
    server = await startConnect(config);
    expect((await call('reader', 'GET', `/v1/vaults/${vaultId}/items`)).body).toEqual(before);
    expect(fs.statSync(stateFile).mode & 0o777).toBe(0o600);
  });
});
