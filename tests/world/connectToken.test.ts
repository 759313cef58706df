import {
  makeTokenKey,
  mintConnectToken,
  publicKeyOf,
  readConnectToken,
  vaultIdOf,
} from '../../lab/services/connect/token';

const privateKey = makeTokenKey();
const publicKey = publicKeyOf(privateKey);
const expires = new Date('2031-05-01T12:00:00.900Z');
const token = mintConnectToken({ privateKey, vaults: { one: 'read', two: 'write' }, expires });
const before = new Date('2031-05-01T11:59:59Z');

const decode = (part: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** The token with another payload or header, and the old signature. */
function changed(part: 0 | 1, change: object): string {
  const parts = token.split('.');
  parts[part] = Buffer.from(JSON.stringify({ ...decode(part), ...change })).toString('base64url');
  return parts.join('.');
}

test('a token says of itself what 1Password’s do', () => {
  expect(decode(0)).toEqual({ alg: 'ES256', kid: expect.stringMatching(/^[a-z2-7]{26}$/), typ: 'JWT' });
  expect(decode(1)).toEqual({
    '1password.com/auuid': expect.stringMatching(/^[A-Z2-7]{26}$/),
    '1password.com/token': expect.stringMatching(/^[\w-]{32}$/),
    '1password.com/fts': ['vaultaccess'],
    '1password.com/vts': [
      { u: vaultIdOf('one'), a: 48 },
      { u: vaultIdOf('two'), a: 1008 },
    ],
    aud: ['com.1password.connect'],
    sub: expect.stringMatching(/^[A-Z2-7]{26}$/),
    iat: expect.any(Number),
    exp: 1_935_403_200,
    iss: 'com.1password.b5',
    jti: expect.stringMatching(/^[a-z2-7]{26}$/),
  });
});

test('a vault’s id follows from its name and looks like 1Password’s', () => {
  expect(vaultIdOf('one')).toMatch(/^[a-z2-7]{26}$/);
  expect(vaultIdOf('one')).toBe(vaultIdOf('one'));
  expect(vaultIdOf('one')).not.toBe(vaultIdOf('two'));
});

test('it is worth what its vaults say, until it expires', () => {
  const access = new Map([
    [vaultIdOf('one'), 'read'],
    [vaultIdOf('two'), 'write'],
  ]);
  expect(readConnectToken(token, publicKey, before)).toEqual(access);
  expect(readConnectToken(token, publicKey, new Date('2031-05-01T12:00:00Z'))).toBeUndefined();
  const forever = mintConnectToken({ privateKey, vaults: { one: 'read', two: 'write' } });
  expect(readConnectToken(forever, publicKey, new Date('2999-01-01T00:00:00Z'))).toEqual(access);
});

test.each([
  ['another key’s', mintConnectToken({ privateKey: makeTokenKey(), vaults: { one: 'read' } })],
  ['one with other rights under the old signature', changed(1, { '1password.com/vts': [] })],
  ['one with a later end under the old signature', changed(1, { exp: 4_000_000_000 })],
  ['one that says it is not signed', changed(0, { alg: 'none' })],
  ['one without a signature', token.replace(/[^.]*$/, '')],
  ['one with more parts', `${token}.more`],
  ['no JWT', 'a-token'],
  ['nothing', ''],
])('%s is worth nothing', (_what, given) => {
  expect(readConnectToken(given, publicKey, before)).toBeUndefined();
});
