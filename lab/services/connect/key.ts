import * as fs from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from '../../files';
import { makeTokenKey, mintConnectToken } from './token';
import type { VaultAccess } from './types';

/** The private key that signs this lab's Connect tokens, PEM, made at the first call (0600). */
export function connectTokenKey(labDir: string): string {
  const file = path.join(labDir, 'connect', 'token.key');
  if (!fs.existsSync(file)) writePrivate(file, makeTokenKey());
  return fs.readFileSync(file, 'utf8');
}

/** A new token that this lab's Connect accepts, with one right in these vaults (by name). */
export function connectToken(
  labDir: string,
  vaults: readonly string[],
  access: VaultAccess[string],
  expires?: Date,
): string {
  const rights = Object.fromEntries(vaults.map((vault) => [vault, access]));
  return mintConnectToken({ privateKey: connectTokenKey(labDir), vaults: rights, expires });
}
