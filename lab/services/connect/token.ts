import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { newId } from './item';
import type { VaultAccess } from './types';

// Claims of the real Connect tokens that are publicly known.
const issuer = 'com.1password.b5';
const audience = 'com.1password.connect';

/** Access masks of a vault. 1Password does not document the bits; the lab issues and accepts only these two masks. */
const masks = { read: 0b11_0000, write: 0b11_1111_0000 } as const;

export interface MintOptions {
  /** PEM (PKCS #8). The server verifies the token with its public key. */
  privateKey: string;
  vaults: VaultAccess;
  /** Absent: the token does not expire. */
  expires?: Date;
}

const claimsSchema = z.object({
  iss: z.literal(issuer),
  aud: z.array(z.string()).refine((all) => all.includes(audience)),
  exp: z.number().optional(),
  '1password.com/vts': z.array(z.object({ u: z.string(), a: z.number() })),
});

/** Generates a private key for signing tokens, PEM (PKCS #8). */
export function generateTokenKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The public key of a private key of {@link generateTokenKey}, PEM. */
export function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/**
 * The id of the vault with that name: 26 lower-case letters and digits. 1Password's ids are random; the lab derives
 * them from the name because tokens refer to vaults by id and are minted before the server starts.
 */
export function vaultIdOf(name: string): string {
  const digest = createHash('sha256').update(`vault ${name}`).digest();
  return Array.from(digest.subarray(0, 26), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/** Mints a token in the format of 1Password Connect: a JWT (ES256) that lists its vaults and the access to each. */
export function mintConnectToken({ privateKey, vaults, expires }: MintOptions): string {
  const header = { alg: 'ES256', kid: newId(), typ: 'JWT' };
  const payload = {
    '1password.com/auuid': newId().toUpperCase(),
    '1password.com/token': randomBytes(24).toString('base64url'),
    '1password.com/fts': ['vaultaccess'],
    '1password.com/vts': Object.entries(vaults).map(([name, access]) => ({ u: vaultIdOf(name), a: masks[access] })),
    aud: [audience],
    sub: newId().toUpperCase(),
    iat: seconds(new Date()),
    ...(expires !== undefined && { exp: seconds(expires) }),
    iss: issuer,
    jti: newId(),
  };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/**
 * The access that a token grants, by vault id; undefined if its signature does not match the key, it is not a Connect
 * token or it has expired. The real server tolerates one minute of clock skew, the lab does not.
 */
export function verifyConnectToken(
  token: string,
  publicKey: string,
  now: Date,
): ReadonlyMap<string, VaultAccess[string]> | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || (parse(header) as { alg?: unknown } | undefined)?.alg !== 'ES256') return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return undefined;
  const claims = claimsSchema.safeParse(parse(payload));
  if (!claims.success || (claims.data.exp ?? Infinity) <= seconds(now)) return undefined;
  return new Map(claims.data['1password.com/vts'].flatMap(({ u, a }) => accessOf(a).map((access) => [u, access])));
}

function accessOf(mask: number): VaultAccess[string][] {
  if ((mask & masks.write) === masks.write) return ['write'];
  return (mask & masks.read) === masks.read ? ['read'] : [];
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
