import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkConnect, checkItems } from '../../../cli/preflight/vault/checkVault';
import type { NeededItem } from '../../../cli/preflight/vault/neededItems';
import { defineCluster } from '../../../cluster/defineCluster';
import { baseInput } from '../../cluster/fixtures';

const { signal } = new AbortController();
const definition = defineCluster(baseInput());
const id = (letter: string) => letter.repeat(26);

/** A Connect server with one vault and two items; it fails to return the item with the id `broken`. */
function connect(broken?: string): Server {
  const items = ['a', 'b'].map((letter) => ({
    id: id(letter),
    title: `kubernetes/east/${letter}`,
    createdAt: '2026-01-01T00:00:00Z',
    vault: { id: id('v') },
    category: 'SECURE_NOTE',
    fields: [{ id: 'f', type: 'CONCEALED', label: 'token', value: 'x' }],
  }));
  return createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://connect');
    const path = url.pathname.replace(/\/+$/, '');
    const send = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/heartbeat') return void response.end('.');
    if (request.headers.authorization !== 'Bearer reads')
      return send(401, { status: 401, message: 'Invalid bearer token' });
    if (path === '/v1/vaults') return send(200, [{ id: id('v'), name: 'k8s-gitops' }]);
    const filter = url.searchParams.get('filter') ?? '';
    if (path === `/v1/vaults/${id('v')}/items`)
      return send(
        200,
        items.filter(({ title }) => filter.includes(`"${title}"`)),
      );
    const item = items.find((candidate) => path.endsWith(`/items/${candidate.id}`));
    if (item === undefined || item.id === broken) return send(400, { status: 400, message: 'broken' });
    send(200, item);
  });
}

let server: Server | undefined;
afterEach(() => server?.close());
const start = async (instance: Server): Promise<string> => {
  server = instance;
  await new Promise<void>((resolve) => instance.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(instance.address() as AddressInfo).port}`;
};
const needed = ['a', 'b', 'c'].map((letter): NeededItem => ({
  title: `kubernetes/east/${letter}`,
  allFields: false,
  fields: [{ field: letter === 'b' ? 'other' : 'token', createdBy: 'user' }],
}));
const check = async (host: string) => {
  const changed = { ...definition, connect: { ...definition.connect, host } };
  const results = await checkItems(needed, changed, 'reads', signal);
  return results.map(({ id, state, why }) => [id, state, why]);
};

describe('items', () => {
  test('have one result each, in the order of the needed items', async () => {
    expect(await check(await start(connect()))).toEqual([
      ['item:kubernetes/east/a', 'ok', 'field token'],
      ['item:kubernetes/east/b', 'failed', 'field other is missing'],
      ['item:kubernetes/east/c', 'failed', 'is missing'],
    ]);
  });

  test('fail one by one if Connect does not return them', async () => {
    const results = await check(await start(connect(id('a'))));
    expect(results.map(([name, state]) => [name, state])).toEqual([
      ['item:kubernetes/east/a', 'failed'],
      ['item:kubernetes/east/b', 'failed'],
      ['item:kubernetes/east/c', 'failed'],
    ]);
    expect(results[0]?.[2]).toMatch(/broken/);
  });
});

describe('Connect', () => {
  const tokens = { readToken: 'reads', writeToken: 'writes' };
  const results = async (host: string) => {
    const found = await checkConnect({ ...definition.connect, host }, tokens, signal);
    return found.map(({ id, state, why, fix }) => [id, state, why, fix]);
  };
  const rest = ['read-token', 'write-token', 'vault'].map((name) => [
    `connect:${name}`,
    'skipped',
    '1Password Connect does not respond',
    '',
  ]);
  const fix = 'start it, correct ONEPASSWORD_CONNECT_HOST, or correct the proxy settings of this machine';

  test('is down: one failed result', async () => {
    const host = await start(connect());
    await new Promise((resolve) => server?.close(resolve));
    const why = `does not respond: connect ECONNREFUSED ${host.replace('http://', '')}`;
    expect(await results(host)).toEqual([['connect', 'failed', why, fix], ...rest]);
  });

  test('is another server: one failed result', async () => {
    const host = await start(createServer((_request, response) => response.writeHead(502).end()));
    expect(await results(host)).toEqual([['connect', 'failed', 'returned 502, expected 200', fix], ...rest]);
  });
});
