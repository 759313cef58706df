import { onePasswordItem } from '../../../provider/resources/onePasswordItem';
import { testOperation } from '../support/operation';
import { TestVault, tokens } from '../../clients/support/testVault';

const title = 'kubernetes/east/cloudflared';

describe('an item in a vault', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());

  const inputs = (fields: Record<string, string>) => ({ ...vault.location, title, fields });
  const create = (fields: Record<string, string>) => onePasswordItem.create(inputs(fields), testOperation());

  test('is created, marked as generated, and updated', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    expect(await vault.values(title)).toMatchObject({ token: 'one' });
    const marks = JSON.parse((await vault.values(title))?.['made-by-k8s-gitops'] ?? '');
    expect(Object.keys(marks)).toEqual(['token']);
    await onePasswordItem.update!(outputs, inputs({ token: 'two' }), testOperation());
    expect(await vault.values(title)).toMatchObject({ token: 'two' });
    expect(await vault.items(title)).toHaveLength(1);
  });

  test('an unchanged item is not written', async () => {
    await vault.start();
    await create({ token: 'one' });
    const before = await vault.values(title);
    await create({ token: 'one' });
    expect(await vault.values(title)).toEqual(before);
  });

  test('a field that a person set to another value is an error that contains neither value', async () => {
    await vault.start([{ title, fields: { token: 'by hand', note: 'kept' } }]);
    const error = await create({ token: 'ours' }).catch((thrown: Error) => thrown.message);
    expect(error).toBe(
      `item ${title} in vault k8s-gitops: token has a value that the program did not write; remove this field from the ` +
        'item, and run again',
    );
    expect(await vault.values(title)).toEqual({ token: 'by hand', note: 'kept' });
    await create({ token: 'by hand' });
    expect(await vault.values(title)).toEqual({ token: 'by hand', note: 'kept' });
  });

  test('an empty field counts as missing', async () => {
    await vault.start([{ title, fields: { token: '' } }]);
    await create({ token: 'ours' });
    expect(await vault.values(title)).toMatchObject({ token: 'ours' });
  });

  test('a refresh detects that it is missing or changed, and an update corrects it', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    const read = () => onePasswordItem.read!(outputs, testOperation());
    expect(await read()).toEqual(outputs);
    await vault.write(title, 'token', 'changed by hand');
    expect(await read()).toEqual({ ...outputs, stale: true });
    await onePasswordItem.update!(await read(), inputs({ token: 'one' }), testOperation());
    expect(await vault.values(title)).toMatchObject({ token: 'one' });
    await vault.remove(title);
    expect(await read()).toEqual({ ...outputs, stale: true });
  });

  test('a delete preserves the fields that people added', async () => {
    await vault.start();
    const { outputs } = await create({ token: 'one' });
    await vault.write(title, 'note', 'by hand');
    await onePasswordItem.delete!(outputs, testOperation());
    expect(await vault.values(title)).toEqual({ note: 'by hand' });
  });

  test('a token without write access: the error says so, without the value', async () => {
    await vault.start();
    const reading = { ...inputs({ token: 'top-secret' }), connectToken: tokens.reads };
    const error = await onePasswordItem.create(reading, testOperation()).catch((thrown: Error) => thrown.message);
    expect(error).toBe(
      `1Password Connect at ${vault.host} refused POST of item ${title}: 401 Unauthorized Request, token does not have ` +
        'write access to the Vault; set a token with write access: pulumi config set --secret connectWriteToken',
    );
  });
});
