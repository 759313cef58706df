import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as timers from 'node:timers/promises';
import { ConnectClient, ConnectConflict, type Item } from '../../../clients/onepassword/connectClient';
import { TestVault } from '../support/testVault';

// Shortens 30 s of polling.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 20, ...rest) };
});

const title = 'kubernetes/east/app';
const field = (label: string, value: string) => ({ label, value, type: 'CONCEALED' });

describe('writes to a vault', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());
  const theItem = async (): Promise<Item> => {
    const [item] = await vault.items(title);
    if (item === undefined) throw new Error(`item ${title} does not exist`);
    return item;
  };

  test('return once the change can be read', async () => {
    await vault.start();
    await vault.with(async (client, vaultId) => {
      const created = await client.createNote(vaultId, title, [field('a', '1')]);
      expect(await client.item(vaultId, created.id)).toEqual(created);
      const changed = await client.replaceFields(vaultId, created, [field('a', '2')]);
      expect(changed).toMatchObject({ id: created.id, version: 2, fields: [{ label: 'a', value: '2' }] });
      expect(await client.itemsByTitle(vaultId, title)).toEqual([changed]);
      await client.deleteItem(vaultId, changed);
      expect(await client.itemsByTitle(vaultId, title)).toEqual([]);
      // Already deleted: succeeds.
      await client.deleteItem(vaultId, changed);
    });
  });

  test('an item that another writer changed since it was read is not replaced', async () => {
    await vault.start([{ title, fields: { a: '1' } }]);
    const before = await theItem();
    await vault.write(title, 'b', 'by hand');
    const replaced = vault.with((client, vaultId) => client.replaceFields(vaultId, before, [field('a', '2')]));
    await expect(replaced).rejects.toThrow(ConnectConflict);
    await expect(replaced).rejects.toThrow(`another writer changed item ${title} at the same time; run again`);
    expect(await vault.values(title)).toEqual({ a: '1', b: 'by hand' });
  });
});

describe('a Connect server that', () => {
  const at = async (answer: (method: string) => [number, unknown], work: (client: ConnectClient) => Promise<void>) => {
    const server = createServer((request, response) => {
      const [status, body] = answer(request.method ?? '');
      response.setHeader('connection', 'close');
      response.writeHead(status).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new ConnectClient(host, 'top-secret', new AbortController().signal, []);
    await work(client).finally(() => server.close());
    await client.close();
  };

  test('never returns what it accepted: the error says what to check', () =>
    at(
      (method) => (method === 'POST' ? [200, { id: 'i', title }] : [404, { message: 'not here' }]),
      async (client) => {
        await expect(client.createNote('v', title, [])).rejects.toThrow(
          /^1Password Connect at \S+ accepted the change of item kubernetes\/east\/app but does not return it after 30 s; check that its connect-sync is running, then run again$/,
        );
      },
    ));

  test('responds with 409: a ConnectConflict that contains the status', () =>
    at(
      () => [409, { message: 'Conflict' }],
      async (client) => {
        const created = client.createNote('v', title, []);
        await expect(created).rejects.toThrow(ConnectConflict);
        await expect(created).rejects.toThrow(
          /refused POST of item kubernetes\/east\/app: 409 Conflict; another writer is changing the vault, run again$/,
        );
      },
    ));
});
