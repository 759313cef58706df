import * as fs from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from '../../files';
import { generateTokenKey, mintConnectToken } from './token';
import type { VaultAccess } from './types';

/** The private key (PEM) that signs this lab's Connect tokens. The first call generates it (mode 0600). */
export function connectTokenKey(labDir: string): string {
  const file = path.join(labDir, 'connect', 'token.key');
  if (!fs.existsSync(file)) writePrivate(file, generateTokenKey());
  return fs.readFileSync(file, 'utf8');
}

/** A new token for this lab's Connect, with the same access to each of these vaults (by name). */
export function connectToken(
  labDir: string,
  vaults: readonly string[],
  access: VaultAccess[string],
  expires?: Date,
): string {
  const accessByVault = Object.fromEntries(vaults.map((vault) => [vault, access]));
  return mintConnectToken({ privateKey: connectTokenKey(labDir), vaults: accessByVault, expires });
}
