import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import type { LabCluster, LabSecrets } from '../context';
import { readJson, writePrivate } from '../files';
import { connectToken } from '../services/connect/key';

/**
 * The secrets in `.lab/secrets.json` (0600), which the first call generates; the Connect tokens are for these vaults.
 * Also writes the passphrase file.
 */
export function labSecrets(labDir: string, vaults: readonly string[]): LabSecrets {
  const file = path.join(labDir, 'secrets.json');
  const secrets = readJson<LabSecrets>(file) ?? {
    connectReadToken: connectToken(labDir, vaults, 'read'),
    connectWriteToken: connectToken(labDir, vaults, 'write'),
    cloudflareApiToken: randomBytes(30).toString('base64url'),
    pulumiPassphrase: randomBytes(32).toString('base64url'),
  };
  writePrivate(file, `${JSON.stringify(secrets, undefined, 2)}\n`);
  writePrivate(passphraseFile(labDir), secrets.pulumiPassphrase);
  return secrets;
}

/** The file for PULUMI_CONFIG_PASSPHRASE_FILE. */
export function passphraseFile(labDir: string): string {
  return path.join(labDir, 'pulumi', 'passphrase');
}

/** The distinct vaults in the clusters' settings. */
export function vaultsOf(clusters: readonly LabCluster[]): string[] {
  return [...new Set(clusters.flatMap(({ settings }) => settings.ONEPASSWORD_VAULT ?? []))];
}
