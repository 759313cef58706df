import type * as timers from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authorityProblem, makeCertificateAuthority } from '../../provider/resources/certificates/certificateAuthority';
import {
  generatedCertificateAuthority,
  type GeneratedCertificateAuthorityState,
} from '../../provider/resources/generatedCertificateAuthority';
import { testOperation } from './support/operation';
import { TestVault, tokens } from './support/vault';

// The pause in which two stacks see each other is for real clocks; here one clock and less will do.
jest.mock('node:timers/promises', () => {
  const actual = jest.requireActual<typeof timers>('node:timers/promises');
  return { ...actual, setTimeout: (wait: number, ...rest: never[]) => actual.setTimeout(wait / 10, ...rest) };
});

describe('a certificate authority in a vault (against the lab’s Connect stand-in)', () => {
  let vault: TestVault;
  beforeEach(() => (vault = new TestVault()));
  afterEach(() => vault.stop());
  const start = (items: { title: string; fields: Record<string, string> }[] = []) => vault.start(items);

  const inputs = (change: object = {}) => ({
    ...vault.place,
    title: 'cilium-ca',
    commonName: 'Cilium CA',
    validityYears: 3,
    ...change,
  });
  const create = (change: object = {}, operation = testOperation()) =>
    generatedCertificateAuthority.create(inputs(change), operation);
  const update = (state: GeneratedCertificateAuthorityState, change: object = {}) =>
    generatedCertificateAuthority.update!(state, inputs(change), testOperation());

  test('is made once, and the second taker gets the first one’s', async () => {
    await start();
    const first = await create();
    expect(authorityProblem(first.outputs)).toBeUndefined();
    const second = await create();
    expect(second).toEqual(first);
  });

  test('two who make it in the same moment end with the same', async () => {
    await start();
    const [one, two] = await Promise.all([create(), create(vault.elsewhere)]);
    expect(two).toEqual({ ...one, outputs: { ...one.outputs, ...vault.elsewhere } });
    expect((await create()).id).toBe(one.id);
  });

  test('what is there is taken as it is, also with a token that only reads', async () => {
    const authority = await makeCertificateAuthority('kept', 1);
    await start([{ title: 'cilium-ca', fields: { 'ca.crt': authority.certificate, 'ca.key': authority.privateKey } }]);
    expect((await create({ connectToken: tokens.reads })).outputs).toMatchObject(authority);
  });

  test('a rotation keeps the certificate before it among the trusted, and only that one', async () => {
    await start();
    const first = (await create()).outputs;
    expect(first.bundle).toBe(first.certificate);
    const second = await update(first, { rotation: '2026-01-31' });
    expect(second.certificate).not.toBe(first.certificate);
    expect(second.bundle).toBe(second.certificate + first.certificate);
    expect(await update(second, { rotation: '2026-01-31' })).toEqual(second);
    // A stack that asks for no rotation, or has not asked yet, takes what is there.
    expect((await create()).outputs).toMatchObject({ certificate: second.certificate, bundle: second.bundle });
    const third = await update(second, { rotation: '2026-01-31.2' });
    expect(third.bundle).toBe(third.certificate + second.certificate);
    expect(authorityProblem(third)).toBeUndefined();
  });

  test('two who rotate it in the same moment end with the same', async () => {
    await start();
    const state = (await create()).outputs;
    const rotation = '2026-01-31';
    const [one, two] = await Promise.all([
      update(state, { rotation }),
      update(state, { rotation, ...vault.elsewhere }),
    ]);
    expect(two).toEqual({ ...one, ...vault.elsewhere });
    expect(one.bundle).toBe(one.certificate + state.certificate);
  });

  test('one that the program did not make is not rotated', async () => {
    const authority = await makeCertificateAuthority('kept', 1);
    await start([{ title: 'cilium-ca', fields: { 'ca.crt': authority.certificate, 'ca.key': authority.privateKey } }]);
    await expect(create({ rotation: '2026-01-31' })).rejects.toThrow(
      "the authority in item cilium-ca in vault k8s-gitops is not the program's, so it is not rotated; put a new one " +
        'there, or take the rotation out of the stack',
    );
  });

  test('lost from the vault it is put back as it was', async () => {
    await start();
    const state = await update((await create()).outputs, { rotation: '2026-01-31' });
    await vault.remove('cilium-ca');
    const refreshed = await generatedCertificateAuthority.read!(state, testOperation());
    expect(refreshed).toEqual({ ...state, stale: true });
    expect(await update(refreshed, { rotation: '2026-01-31' })).toEqual(state);
    expect((await create()).outputs).toMatchObject({ certificate: state.certificate, bundle: state.bundle });
  });

  test('an item without the key is an error, and stays as it is', async () => {
    await start([{ title: 'cilium-ca', fields: { 'ca.crt': 'x' } }]);
    await expect(create()).rejects.toThrow(
      'item cilium-ca in vault k8s-gitops has no field ca.key; add it, or remove the item',
    );
  });

  test('an item that is no authority is an error', async () => {
    await start([{ title: 'cilium-ca', fields: { 'ca.crt': 'x', 'ca.key': 'y' } }]);
    await expect(create()).rejects.toThrow('item cilium-ca in vault k8s-gitops: ca.crt is not a PEM certificate');
  });

  test('a token that may not write, a wrong one, and a vault out of reach are told apart', async () => {
    await start();
    const { host } = vault;
    await expect(create({ connectToken: tokens.reads })).rejects.toThrow(
      `1Password Connect at ${host} refused POST of item cilium-ca: 401 Unauthorized Request, token does not have write ` +
        'access to the Vault; set a token that may write: pulumi config set --secret connectWriteToken',
    );
    await expect(create({ connectToken: 'wrong' })).rejects.toThrow(
      `1Password Connect at ${host} refused GET of vault k8s-gitops: 401 Invalid bearer token; set a valid token: ` +
        'pulumi config set --secret connectWriteToken',
    );
    await expect(create({ vault: 'private' })).rejects.toThrow(
      `1Password Connect at ${host} shows no vault private; correct ONEPASSWORD_VAULT in the cluster settings, or give ` +
        'the token access to that vault',
    );
  });
});

describe('Connect that is not well', () => {
  const create = (connectHost: string) =>
    generatedCertificateAuthority.create(
      { connectHost, connectToken: 'top-secret', vault: 'v', title: 't', commonName: 'c', validityYears: 1 },
      testOperation(),
    );

  test('not listening: says so, without the token', async () => {
    const error = await create('http://127.0.0.1:1').catch((thrown: Error) => thrown.message);
    expect(error).toMatch(/^1Password Connect at http:\/\/127\.0\.0\.1:1 cannot be reached: /);
    expect(error).not.toContain('top-secret');
  });

  test('a proxy’s page instead of JSON', async () => {
    const server: Server = createServer((_request, response) => response.writeHead(502).end('<html>Bad gateway'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await expect(create(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).rejects.toThrow(
      '502 <html>Bad gateway',
    );
    server.close();
  });
});

describe('a certificate authority', () => {
  test('lives as long as asked and belongs to its key', async () => {
    const authority = await makeCertificateAuthority('Cilium CA', 2);
    expect(authorityProblem(authority)).toBeUndefined();
    const inThreeYears = new Date(Date.now() + 3 * 365 * 86_400_000);
    expect(authorityProblem(authority, inThreeYears)).toMatch(/^ca\.crt expired on /);
    const other = await makeCertificateAuthority('Cilium CA', 2);
    expect(authorityProblem({ ...authority, privateKey: other.privateKey })).toBe('ca.key does not belong to ca.crt');
  });
});
