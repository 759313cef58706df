import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as timers from 'node:timers/promises';
import { ConnectClient, ConnectConflict, type Item } from '../../clients/onepassword/connectClient';
import { withVault } from '../../provider/resources/withVault';
import { onePasswordItem } from '../../provider/resources/onePasswordItem';
import { testOperation } from './support/operation';
import { TestVault } from './support/vault';

// So that half a minute of looking is a moment here.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 20, ...rest) };
});

const title = 'kubernetes/east/app';
const field = (label: string, value: string) => ({ label, value, type: 'CONCEALED' });

describe('writes into a vault (against the lab’s Connect stand-in, whose reads lag)', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());
  const theItem = async (): Promise<Item> => {
    const [item] = await vault.items(title);
    if (item === undefined) throw new Error(`there is no item ${title}`);
    return item;
  };

  test('end when what was written is to be read', async () => {
    await vault.start();
    await vault.with(async (client, vaultId) => {
      const made = await client.createNote(vaultId, title, [field('a', '1')]);
      expect(await client.item(vaultId, made.id)).toEqual(made);
      const changed = await client.replaceFields(vaultId, made, [field('a', '2')]);
      expect(changed).toMatchObject({ id: made.id, version: 2, fields: [{ label: 'a', value: '2' }] });
      expect(await client.itemsTitled(vaultId, title)).toEqual([changed]);
      await client.deleteItem(vaultId, changed);
      expect(await client.itemsTitled(vaultId, title)).toEqual([]);
      // Gone already: what was wanted.
      await client.deleteItem(vaultId, changed);
    });
  });

  test('an item that somebody changed since it was read is not replaced', async () => {
    await vault.start([{ title, fields: { a: '1' } }]);
    const before = await theItem();
    await vault.write(title, 'b', 'by hand');
    const replaced = vault.with((client, vaultId) => client.replaceFields(vaultId, before, [field('a', '2')]));
    await expect(replaced).rejects.toThrow(ConnectConflict);
    await expect(replaced).rejects.toThrow(`item ${title} was changed by somebody else in the same moment; run again`);
    expect(await vault.values(title)).toEqual({ a: '1', b: 'by hand' });
  });

  test('work that somebody was faster than begins again with what is there now', async () => {
    await vault.start([{ title, fields: { a: '1' } }]);
    const seen: (string | undefined)[][] = [];
    await withVault(vault.place, testOperation(), async (open) => {
      const item = await open.find(title);
      if (item === undefined) throw new Error(`there is no item ${title}`);
      seen.push((item.fields ?? []).map(({ label }) => label));
      if (seen.length === 1) await vault.write(title, 'b', 'by hand');
      await open.replace(item, [...(item.fields ?? []), field('c', '3')]);
    });
    expect(seen).toEqual([['a'], ['a', 'b']]);
    expect(await vault.values(title)).toEqual({ a: '1', b: 'by hand', c: '3' });
  });

  test('that are refused again and again end with the refusal, after eight tries', async () => {
    await vault.start();
    let tries = 0;
    const work = withVault(vault.place, testOperation(), () => {
      tries += 1;
      return Promise.reject(new ConnectConflict('refused'));
    });
    await expect(work).rejects.toThrow('refused');
    expect(tries).toBe(8);
  });

  test('of two programs, many at once, are all there in the end', async () => {
    await vault.start();
    const names = ['a', 'b', 'c', 'd'].flatMap((name) => [
      { name: `${name}-here`, place: vault.place },
      { name: `${name}-elsewhere`, place: { ...vault.place, ...vault.elsewhere } },
    ]);
    await Promise.all(
      names.map(({ name, place }) =>
        onePasswordItem.create({ ...place, title: name, fields: { token: name } }, testOperation()),
      ),
    );
    for (const { name } of names) expect(await vault.values(name)).toMatchObject({ token: name });
  });
});

describe('a Connect that', () => {
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

  test('never shows what it took: says so, and where to look', () =>
    at(
      (method) => (method === 'POST' ? [200, { id: 'i', title }] : [404, { message: 'not here' }]),
      async (client) => {
        await expect(client.createNote('v', title, [])).rejects.toThrow(
          /^1Password Connect at \S+ took the change of item kubernetes\/east\/app, and does not show it after 30 s; see whether its connect-sync runs, then run again$/,
        );
      },
    ));

  test('meets another writer: a conflict, told with the status', () =>
    at(
      () => [409, { message: 'Conflict' }],
      async (client) => {
        const made = client.createNote('v', title, []);
        await expect(made).rejects.toThrow(ConnectConflict);
        await expect(made).rejects.toThrow(
          /refused POST of item kubernetes\/east\/app: 409 Conflict; somebody else writes into the vault, run again$/,
        );
      },
    ));
});
