import type * as timers from 'node:timers/promises';
import { generatedCertificateAuthority } from '../../../provider/resources/generatedCertificateAuthority';
import { generatedSecret } from '../../../provider/resources/generatedSecret';
import { onePasswordItem } from '../../../provider/resources/onePasswordItem';
import { diffInputs } from '../../../provider/engine/platformProvider';
import { implement } from '../../../provider/engine/implementation';
import { testOperation } from '../support/operation';
import { TestVault, tokens } from '../../clients/support/testVault';

// Shortens the pause after which two stacks see each other's item.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 10, ...rest) };
});

const oldTitle = 'kubernetes/east/app';
const newTitle = 'kubernetes/east/renamed';
const oldVault = new TestVault();
const newVault = new TestVault();
beforeEach(async () => {
  await oldVault.start();
  await newVault.start();
});
afterEach(async () => {
  await oldVault.stop();
  await newVault.stop();
});

describe('a generated secret', () => {
  const inputs = (change: object = {}) => ({
    ...oldVault.location,
    title: oldTitle,
    field: 'password',
    bytes: 32,
    encoding: 'base64' as const,
    rotation: '2026-01-31',
    ...change,
  });
  const create = async () => (await generatedSecret.create(inputs(), testOperation())).outputs;

  test('shows a change in a preview, whether the vault, the title or Connect changes', () => {
    const type = implement(generatedSecret);
    for (const change of [{ vault: 'other' }, { title: newTitle }, { connectHost: 'https://other.example.org' }]) {
      expect(diffInputs(type, inputs(), inputs(change))).toEqual({ changes: true, replaces: [] });
    }
  });

  test.each([
    ['title', () => ({ title: newTitle }), () => oldVault],
    ['vault', () => newVault.location, () => newVault],
  ])('travels to another %s with its mark, and the old copy goes', async (_what, change, vault) => {
    const state = await create();
    const operation = testOperation();
    const moved = await generatedSecret.update!(state, inputs(change()), operation);
    expect(moved).toMatchObject({ value: state.value, madeAt: state.madeAt });
    const title = moved.title;
    expect(await vault().values(title)).toEqual({
      password: state.value,
      'made-by-k8s-gitops': JSON.stringify({ password: { at: state.madeAt, rotation: '2026-01-31' } }),
    });
    expect(await oldVault.items(oldTitle)).toEqual([]);
    expect(operation.lines).toEqual([
      `copied password to item ${title} in vault k8s-gitops`,
      `removed password in item ${oldTitle} of vault k8s-gitops`,
    ]);
  });

  test('the value in the old vault counts, not an outdated one in the state; a person’s value stays theirs', async () => {
    const state = await create();
    await oldVault.remove(oldTitle);
    await oldVault.write(oldTitle, 'password', 'by hand');
    const moved = await generatedSecret.update!(
      state,
      inputs({ title: newTitle, rotation: undefined }),
      testOperation(),
    );
    expect(moved.value).toBe('by hand');
    expect(await oldVault.values(newTitle)).toEqual({ password: 'by hand' });
    expect(await oldVault.values(oldTitle)).toEqual({ password: 'by hand' });
  });

  test('from a vault that is gone: the value in the state travels', async () => {
    const state = { ...(await create()), vault: 'renamed-away' };
    await oldVault.remove(oldTitle);
    const moved = await generatedSecret.update!(state, inputs(), testOperation());
    expect(moved.value).toBe(state.value);
    expect((await oldVault.values(oldTitle))?.password).toBe(state.value);
  });

  test('a vault that was only renamed keeps its item', async () => {
    const state = { ...(await create()), connectHost: `${oldVault.host}/` };
    const moved = await generatedSecret.update!(state, inputs(), testOperation());
    expect(moved.value).toBe(state.value);
    expect((await oldVault.values(oldTitle))?.password).toBe(state.value);
  });

  test('a rotation in the same run rotates the value in the new place', async () => {
    const state = await create();
    const moved = await generatedSecret.update!(
      state,
      inputs({ title: newTitle, rotation: '2026-02-01' }),
      testOperation(),
    );
    expect(moved.value).not.toBe(state.value);
    expect((await oldVault.values(newTitle))?.password).toBe(moved.value);
    expect(await oldVault.items(oldTitle)).toEqual([]);
  });

  test('another value in the new place is an error that contains neither, and both stay', async () => {
    const state = await create();
    await oldVault.write(newTitle, 'password', 'another');
    const error = await generatedSecret.update!(state, inputs({ title: newTitle }), testOperation()).catch(
      (thrown: Error) => thrown.message,
    );
    expect(error).toBe(
      `item ${newTitle} in vault k8s-gitops: password has another value than the one in use, which is in item ${oldTitle} of ` +
        'vault k8s-gitops; remove one of the two, and run again',
    );
    expect((await oldVault.values(oldTitle))?.password).toBe(state.value);
    expect((await oldVault.values(newTitle))?.password).toBe('another');
  });

  test('the old copy of an item that other clusters use stays', async () => {
    const state = await create();
    await generatedSecret.update!(state, inputs({ title: newTitle, shared: true }), testOperation());
    expect((await oldVault.values(oldTitle))?.password).toBe(state.value);
  });

  test('without access to the old place, the run succeeds and says what remains', async () => {
    const state = { ...(await create()), connectToken: tokens.reads };
    const operation = testOperation();
    await generatedSecret.update!(state, inputs({ ...newVault.location }), operation);
    expect(operation.lines.at(-1)).toMatch(
      /^! the old copy of password in item kubernetes\/east\/app of vault k8s-gitops remains, remove it: 1Password Connect/,
    );
    // A token that was rotated in the same run: the new one is tried as well.
    const again = testOperation();
    await generatedSecret.update!(state, inputs({ title: newTitle }), again);
    expect(await oldVault.items(oldTitle)).toEqual([]);
  });
});

test('the fields of an item travel, and fields that people added stay', async () => {
  const inputs = (change: object = {}) => ({
    ...oldVault.location,
    title: oldTitle,
    fields: { token: 'one' },
    ...change,
  });
  const { outputs } = await onePasswordItem.create(inputs(), testOperation());
  await oldVault.write(oldTitle, 'note', 'kept');
  await onePasswordItem.update!(outputs, inputs(newVault.location), testOperation());
  expect(await newVault.values(oldTitle)).toMatchObject({ token: 'one' });
  expect(await oldVault.values(oldTitle)).toEqual({ note: 'kept' });
});

test('a certificate authority travels; the old copy stays, and another one in the new place is an error', async () => {
  const inputs = (change: object = {}) => ({
    ...oldVault.location,
    title: 'cilium-ca',
    commonName: 'Cilium CA',
    validityYears: 3,
    ...change,
  });
  const { outputs } = await generatedCertificateAuthority.create(inputs(), testOperation());
  const update = (change: object) => generatedCertificateAuthority.update!(outputs, inputs(change), testOperation());
  const moved = await update(newVault.location);
  const { certificate, privateKey, bundle, madeAt } = outputs;
  expect(moved).toMatchObject({ certificate, privateKey, bundle, madeAt });
  expect(await oldVault.items('cilium-ca')).toHaveLength(1);
  // The next cluster finds it there.
  expect(await update(newVault.location)).toEqual(moved);

  const other = { title: 'other-ca' };
  await generatedCertificateAuthority.create(inputs(other), testOperation());
  await expect(update(other)).rejects.toThrow('ca.crt has another value than the one in use');
});
