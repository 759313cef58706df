import {
  generateTokenKey,
  mintConnectToken,
  publicKeyOf,
  verifyConnectToken,
  vaultIdOf,
} from '../../lab/services/connect/token';

const privateKey = generateTokenKey();
const publicKey = publicKeyOf(privateKey);
const expires = new Date('2031-05-01T12:00:00.900Z');
const token = mintConnectToken({ privateKey, vaults: { one: 'read', two: 'write' }, expires });
const before = new Date('2031-05-01T11:59:59Z');

const decode = (part: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** The token with a modified header or payload and the original signature. */
function tampered(part: 0 | 1, change: object): string {
  const parts = token.split('.');
  parts[part] = Buffer.from(JSON.stringify({ ...decode(part), ...change })).toString('base64url');
  return parts.join('.');
}

test("a token has the claims of 1Password's tokens", () => {
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

test("a vault's id is derived from its name, in 1Password's format", () => {
  expect(vaultIdOf('one')).toMatch(/^[a-z2-7]{26}$/);
  expect(vaultIdOf('one')).toBe(vaultIdOf('one'));
  expect(vaultIdOf('one')).not.toBe(vaultIdOf('two'));
});

test('a token grants access to its vaults until it expires', () => {
  const access = new Map([
    [vaultIdOf('one'), 'read'],
    [vaultIdOf('two'), 'write'],
  ]);
  expect(verifyConnectToken(token, publicKey, before)).toEqual(access);
  expect(verifyConnectToken(token, publicKey, new Date('2031-05-01T12:00:00Z'))).toBeUndefined();
  const forever = mintConnectToken({ privateKey, vaults: { one: 'read', two: 'write' } });
  expect(verifyConnectToken(forever, publicKey, new Date('2999-01-01T00:00:00Z'))).toEqual(access);
});

test.each([
  ['a token signed with another key', mintConnectToken({ privateKey: generateTokenKey(), vaults: { one: 'read' } })],
  ['a token with modified access', tampered(1, { '1password.com/vts': [] })],
  ['a token with a later expiry', tampered(1, { exp: 4_000_000_000 })],
  ['a token with "alg": "none"', tampered(0, { alg: 'none' })],
  ['a token without a signature', token.replace(/[^.]*$/, '')],
  ['a token with a fourth part', `${token}.more`],
  ['a string that is not a JWT', 'a-token'],
  ['an empty token', ''],
])('rejects %s', (_name, invalid) => {
  expect(verifyConnectToken(invalid, publicKey, before)).toBeUndefined();
});
