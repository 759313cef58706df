import { diffTrees } from '../../../gitops/diff/diffTrees';
import { isSensitiveName, withoutSensitive } from '../../../gitops/diff/sensitiveNames';
import { cluster, object, tree } from './trees';

test.each([
  'password',
  'DB_PASSWORD',
  'adminPassword',
  'API_KEY',
  'apiKey',
  'auth.token',
  'clientSecret',
  'privateKey',
  'secret',
])('%s is a secret', (name) => expect(isSensitiveName(name)).toBe(true));

test.each([
  'existingSecret',
  'imagePullSecret',
  'secretName',
  'passwordSecretRef',
  'tokenTTL',
  'keyboard',
  'compass',
  'tlsSecret',
])('%s is none', (name) => expect(isSensitiveName(name)).toBe(false));

test('masks by name, by the name of a variable, in URLs and in lines of configuration, and what SOPS encrypts', () => {
  const value = {
    auth: { password: 'hunter2', existingSecret: 'login', enabled: true, pin: 1 },
    env: [
      { name: 'DB_PASSWORD', value: 'hunter2' },
      { name: 'MODE', value: 'fast' },
    ],
    url: 'postgres://user:hunter2@db/app',
    config: 'listen: 80\npassword: hunter2\nnames: a\n',
    encrypted: 'ENC[AES256_GCM,data:hunter2,iv:x]',
  };
  expect(withoutSensitive(value, 'spec.values')).toEqual({
    auth: { password: '(masked)', existingSecret: 'login', enabled: true, pin: 1 },
    env: [
      { name: 'DB_PASSWORD', value: '(masked)' },
      { name: 'MODE', value: 'fast' },
    ],
    url: 'postgres://user:(masked)@db/app',
    config: 'listen: 80\npassword: (masked)\nnames: a\n',
    encrypted: '(masked)',
  });
  expect(withoutSensitive('hunter2', 'spec.env[name=DB_PASSWORD].value')).toBe('(masked)');
  expect(withoutSensitive('fast', 'spec.env[name=MODE].value')).toBe('fast');
  expect(withoutSensitive(7, 'spec.values.auth.password')).toBe('(masked)');
  expect(withoutSensitive('', 'spec.values.auth.password')).toBe('');
});

test('a HelmRelease shows that a password changed, and no password', () => {
  const release = (password: string) =>
    object('HelmRelease', 'app', { spec: { values: { admin: { password, user: 'u' } } } });
  const [diff] = diffTrees(tree([cluster('one', [release('hunter2')])]), tree([cluster('one', [release('hunter3')])]));
  expect(diff?.objects[0]?.values).toEqual([
    { path: 'spec.values.admin.password', before: '(masked)', after: '(masked)' },
  ]);
  const [added] = diffTrees(tree([cluster('one', [])]), tree([cluster('one', [release('hunter2')])]));
  expect(JSON.stringify(added)).not.toContain('hunter');
});

test('an ExternalSecret shows the names of keys', () => {
  const external = object('ExternalSecret', 'app', {
    spec: { data: [{ secretKey: 'password', remoteRef: { key: 'app' } }] },
  });
  const [diff] = diffTrees(tree([cluster('one', [])]), tree([cluster('one', [external])]));
  expect(diff?.objects[0]?.values[0]?.after).toMatchObject({ spec: { data: [{ secretKey: 'password' }] } });
});
