import * as fs from 'node:fs';
import * as path from 'node:path';
import { labSecrets, vaultsOf } from '../../lab/up/labSecrets';
import { connectToken, connectTokenKey } from '../../lab/services/connect/key';
import { publicKeyOf, verifyConnectToken, vaultIdOf } from '../../lab/services/connect/token';
import { temporaryDir } from './helpers';

const labDir = temporaryDir();
const secrets = labSecrets(labDir, ['one', 'two']);

test('secrets are generated once and stored privately', () => {
  expect(labSecrets(labDir, ['three'])).toEqual(secrets);
  for (const file of ['secrets.json', 'connect/token.key', 'pulumi/passphrase']) {
    expect([file, fs.statSync(path.join(labDir, file)).mode & 0o777]).toEqual([file, 0o600]);
  }
  expect(secrets.cloudflareApiToken).toMatch(/^[\w-]{40}$/);
});

test('one Connect token is read-only and one can write, for every vault', () => {
  const read = (token: string) => verifyConnectToken(token, publicKeyOf(connectTokenKey(labDir)), new Date());
  const rights = (access: string) => new Map(['one', 'two'].map((vault) => [vaultIdOf(vault), access]));
  expect(read(secrets.connectReadToken)).toEqual(rights('read'));
  expect(read(secrets.connectWriteToken)).toEqual(rights('write'));
  expect(read(connectToken(labDir, ['one'], 'read', new Date(0)))).toBeUndefined();
});

test('a vault shared by two clusters is listed once', () => {
  const cluster = (name: string, settings: Record<string, string>) => ({ name, nodes: [], settings });
  expect(
    vaultsOf([
      cluster('a', { ONEPASSWORD_VAULT: 'x' }),
      cluster('b', { ONEPASSWORD_VAULT: 'x' }),
      cluster('c', { ONEPASSWORD_VAULT: 'y' }),
      cluster('d', {}),
    ]),
  ).toEqual(['x', 'y']);
});
