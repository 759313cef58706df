import type * as timers from 'node:timers/promises';
import { generatedSecret, type GeneratedSecretState } from '../../provider/resources/generatedSecret';
import { testOperation } from './support/operation';
import { TestVault } from './support/vault';

// The pause in which two stacks see each other is for real clocks; here one clock and less will do.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 10, ...rest) };
});

describe('a generated secret in a vault (against the lab’s Connect stand-in)', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());

  const inputs = (change: object = {}) => ({
    ...vault.place,
    title: 'kubernetes/east/app',
    field: 'password',
    bytes: 32,
    encoding: 'base64' as const,
    ...change,
  });
  const create = async (change: object = {}): Promise<GeneratedSecretState> =>
    (await generatedSecret.create(inputs(change), testOperation())).outputs;
  const update = (state: GeneratedSecretState, change: object = {}) =>
    generatedSecret.update!(state, inputs(change), testOperation());
  const read = (state: GeneratedSecretState) => generatedSecret.read!(state, testOperation());

  test('is made once, of the wanted length, and marked as the program’s', async () => {
    await vault.start();
    const before = Date.now();
    const { value, madeAt } = await create();
    expect(Buffer.from(value, 'base64')).toHaveLength(32);
    expect(Date.parse(madeAt)).toBeGreaterThanOrEqual(before);
    expect(await vault.values('kubernetes/east/app')).toEqual({
      password: value,
      'made-by-k8s-gitops': JSON.stringify({ password: { at: madeAt } }),
    });
    expect(await create()).toMatchObject({ value, madeAt });
  });

  test('what a person put there is taken, and other fields of the item stay', async () => {
    await vault.start([{ title: 'kubernetes/east/app', fields: { password: 'by hand' } }]);
    expect((await create()).value).toBe('by hand');
    const { value } = await create({ field: 'second' });
    expect(await vault.values('kubernetes/east/app')).toMatchObject({ password: 'by hand', second: value });
  });

  test('two who make it in the same moment end with the same', async () => {
    await vault.start();
    const [one, two] = await Promise.all([create(), create(vault.elsewhere)]);
    expect(one.value).toBe(two.value);
    expect(await vault.items('kubernetes/east/app')).toHaveLength(1);
  });

  test('a rotation makes another one, and only one', async () => {
    await vault.start();
    const first = await create();
    const second = await update(first, { rotation: '2026-01-31' });
    expect(second.value).not.toBe(first.value);
    expect((await update(second, { rotation: '2026-01-31' })).value).toBe(second.value);
    // An earlier label, or none, asks for nothing.
    expect((await update(second)).value).toBe(second.value);
    expect((await update(second, { rotation: '2026-01-31.2' })).value).not.toBe(second.value);
  });

  test('two who rotate it in the same moment end with the same', async () => {
    await vault.start();
    const state = await create();
    const rotation = '2026-01-31';
    const [one, two] = await Promise.all([
      update(state, { rotation }),
      update(state, { rotation, ...vault.elsewhere }),
    ]);
    expect(one.value).toBe(two.value);
    expect(one.value).not.toBe(state.value);
  });

  test('a person’s is never rotated', async () => {
    await vault.start([{ title: 'kubernetes/east/app', fields: { password: 'by hand' } }]);
    const state = await create();
    await expect(update(state, { rotation: '2026-01-31' })).rejects.toThrow(
      "field password of item kubernetes/east/app in vault k8s-gitops is not the program's, so it is not rotated; remove " +
        'the field to have a new one made, or take the rotation out of the stack',
    );
    expect((await vault.values('kubernetes/east/app'))?.password).toBe('by hand');
  });

  test('lost from the vault it is put back, and not made anew', async () => {
    await vault.start();
    const state = await create({ rotation: '2026-01-31' });
    await vault.remove('kubernetes/east/app');
    const refreshed = await read(state);
    expect(refreshed).toEqual({ ...state, stale: true });
    const restored = await update(refreshed, { rotation: '2026-01-31' });
    expect(restored).toEqual(state);
    expect((await vault.values('kubernetes/east/app'))?.password).toBe(state.value);
  });

  test('changed in the vault, a refresh takes the vault’s', async () => {
    await vault.start();
    const state = await create();
    await vault.write('kubernetes/east/app', 'password', 'another');
    expect(await read(state)).toEqual({ ...state, value: 'another' });
  });

  test('deleting it takes what the program made, and leaves what people put there', async () => {
    await vault.start();
    const state = await create();
    await vault.write('kubernetes/east/app', 'user', 'somebody');
    await generatedSecret.delete!(state, testOperation());
    expect(await vault.values('kubernetes/east/app')).toEqual({ user: 'somebody' });
    const again = await create({ title: 'kubernetes/east/other' });
    await generatedSecret.delete!(again, testOperation());
    expect(await vault.items('kubernetes/east/other')).toEqual([]);
    await generatedSecret.delete!(again, testOperation());
  });
});
