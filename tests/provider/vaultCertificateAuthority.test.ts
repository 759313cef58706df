import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityProblem, makeCertificateAuthority } from '../../provider/certificates/certificateAuthority';
import { vaultCertificateAuthority } from '../../provider/vaultCertificateAuthority';
import { startConnect } from '../../lab/world/connectStandIn';
import type { RunningServer } from '../../lab/world/runServer';
import { testOperation } from './support/operation';

const directory = mkdtempSync(join(tmpdir(), 'connect-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a certificate authority in a vault (against the lab’s Connect stand-in)', () => {
  let connect: RunningServer;
  let count = 0;
  const start = async (items: { title: string; fields: Record<string, string> }[] = []) => {
    connect = await startConnect({
      port: 0,
      stateFile: join(directory, `${count++}.json`),
      tokens: [
        { token: 'writes', vaults: { 'k8s-gitops': 'write' } },
        { token: 'reads', vaults: { 'k8s-gitops': 'read' } },
      ],
      vaults: { 'k8s-gitops': items, private: [] },
    });
  };
  afterEach(() => connect.close());

  const create = (change: object = {}, operation = testOperation()) =>
    vaultCertificateAuthority.create(
      {
        connectHost: `http://127.0.0.1:${connect.port}`,
        connectToken: 'writes',
        vault: 'k8s-gitops',
        title: 'cilium-ca',
        commonName: 'Cilium CA',
        validityYears: 3,
        ...change,
      },
      operation,
    );

  test('is made once, and the second taker gets the first one’s', async () => {
    await start();
    const first = await create();
    expect(authorityProblem(first.outputs)).toBeUndefined();
    const second = await create();
    expect(second).toEqual(first);
  });

  test('two who make it in the same moment end with the same', async () => {
    await start();
    const [one, two] = await Promise.all([create(), create()]);
    expect(two).toEqual(one);
    expect((await create()).id).toBe(one?.id);
  });

  test('what is there is taken as it is, also with a token that only reads', async () => {
    const authority = await makeCertificateAuthority('kept', 1);
    await start([{ title: 'cilium-ca', fields: { 'ca.crt': authority.certificate, 'ca.key': authority.privateKey } }]);
    expect((await create({ connectToken: 'reads' })).outputs).toMatchObject(authority);
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
    const host = `http://127.0.0.1:${connect.port}`;
    await expect(create({ connectToken: 'reads' })).rejects.toThrow(
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
    vaultCertificateAuthority.create(
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
