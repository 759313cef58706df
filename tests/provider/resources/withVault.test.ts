import type * as timers from 'node:timers/promises';
import { ConnectConflict } from '../../../clients/onepassword/connectClient';
import { onePasswordItem } from '../../../provider/resources/onePasswordItem';
import { withVault } from '../../../provider/resources/withVault';
import { TestVault } from '../../clients/support/testVault';
import { testOperation } from '../support/operation';

// Shortens the pauses between attempts.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 20, ...rest) };
});

const title = 'kubernetes/east/app';

describe('work in a vault that other writers change', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());

  test('starts over with the current content if another writer was faster', async () => {
    await vault.start([{ title, fields: { a: '1' } }]);
    const seen: (string | undefined)[][] = [];
    await withVault(vault.location, testOperation(), async (open) => {
      const item = await open.find(title);
      if (item === undefined) throw new Error(`item ${title} does not exist`);
      seen.push((item.fields ?? []).map(({ label }) => label));
      if (seen.length === 1) await vault.write(title, 'b', 'by hand');
      await open.replace(item, [...(item.fields ?? []), { label: 'c', value: '3', type: 'CONCEALED' }]);
    });
    expect(seen).toEqual([['a'], ['a', 'b']]);
    expect(await vault.values(title)).toEqual({ a: '1', b: 'by hand', c: '3' });
  });

  test('fails with the conflict after eight attempts', async () => {
    await vault.start();
    let attempts = 0;
    const work = withVault(vault.location, testOperation(), () => {
      attempts += 1;
      return Promise.reject(new ConnectConflict('refused'));
    });
    await expect(work).rejects.toThrow('refused');
    expect(attempts).toBe(8);
  });

  test('many concurrent writes of two programs all succeed', async () => {
    await vault.start();
    const names = ['a', 'b', 'c', 'd'].flatMap((name) => [
      { name: `${name}-here`, location: vault.location },
      { name: `${name}-elsewhere`, location: { ...vault.location, ...vault.otherWriter } },
    ]);
    await Promise.all(
      names.map(({ name, location }) =>
        onePasswordItem.create({ ...location, title: name, fields: { token: name } }, testOperation()),
      ),
    );
    for (const { name } of names) expect(await vault.values(name)).toMatchObject({ token: name });
  });

  test('several items with one title: the oldest is used, with a warning', async () => {
    await vault.start([
      { title, fields: { a: 'first' } },
      { title, fields: { a: 'second' } },
    ]);
    const operation = testOperation();
    await withVault(vault.location, operation, (open) => open.find(title));
    expect(operation.lines).toEqual([
      `! vault k8s-gitops has 2 items ${title}; the oldest one is used, remove the others`,
    ]);
  });
});
