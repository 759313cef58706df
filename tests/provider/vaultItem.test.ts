import { onePasswordItem } from '../../provider/resources/onePasswordItem';
import { testOperation } from './support/operation';
import { TestVault, tokens } from './support/vault';

const title = 'kubernetes/east/cloudflared';

describe('an item kept in a vault (against the lab’s Connect stand-in)', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());

  const inputs = (fields: Record<string, string>) => ({ ...vault.place, title, fields });
  const create = (fields: Record<string, string>) => onePasswordItem.create(inputs(fields), testOperation());

  test('is made, marked, and brought up to date', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    expect(await vault.values(title)).toMatchObject({ token: 'one' });
    const marks = JSON.parse((await vault.values(title))?.['made-by-k8s-gitops'] ?? '');
    expect(Object.keys(marks)).toEqual(['token']);
    await onePasswordItem.update!(outputs, inputs({ token: 'two' }), testOperation());
    expect(await vault.values(title)).toMatchObject({ token: 'two' });
    expect(await vault.items(title)).toHaveLength(1);
  });

  test('what has not changed keeps its age', async () => {
    await vault.start();
    await create({ token: 'one' });
    const before = await vault.values(title);
    await create({ token: 'one' });
    expect(await vault.values(title)).toEqual(before);
  });

  test('a person’s field with another value is an error that shows neither', async () => {
    await vault.start([{ title, fields: { token: 'by hand', note: 'kept' } }]);
    const error = await create({ token: 'ours' }).catch((thrown: Error) => thrown.message);
    expect(error).toBe(
      `item ${title} in vault k8s-gitops: token is not the program's and not what it made; remove what is there, and run again`,
    );
    expect(await vault.values(title)).toEqual({ token: 'by hand', note: 'kept' });
    await create({ token: 'by hand' });
    expect(await vault.values(title)).toEqual({ token: 'by hand', note: 'kept' });
  });

  test('an empty field counts as none', async () => {
    await vault.start([{ title, fields: { token: '' } }]);
    await create({ token: 'ours' });
    expect(await vault.values(title)).toMatchObject({ token: 'ours' });
  });

  test('a refresh sees that it is gone or changed, and an update mends it', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    const read = () => onePasswordItem.read!(outputs, testOperation());
    expect(await read()).toEqual(outputs);
    await vault.write(title, 'token', 'meddled with');
    expect(await read()).toEqual({ ...outputs, stale: true });
    await onePasswordItem.update!(await read(), inputs({ token: 'one' }), testOperation());
    expect(await vault.values(title)).toMatchObject({ token: 'one' });
    await vault.remove(title);
    expect(await read()).toEqual({ ...outputs, stale: true });
  });

  test('deleting it leaves what people put there', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    await vault.write(title, 'note', 'by hand');
    await onePasswordItem.delete!(outputs, testOperation());
    expect(await vault.values(title)).toEqual({ note: 'by hand' });
  });

  test('a token that only reads is told apart, without the value', async () => {
    await vault.start();
    const reading = { ...inputs({ token: 'top-secret' }), connectToken: tokens.reads };
    const error = await onePasswordItem.create(reading, testOperation()).catch((thrown: Error) => thrown.message);
    expect(error).toBe(
      `1Password Connect at ${vault.host} refused POST of item ${title}: 401 Unauthorized Request, token does not have ` +
        'write access to the Vault; set a token that may write: pulumi config set --secret connectWriteToken',
    );
  });
});
