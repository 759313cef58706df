import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import type { LabSecrets } from '../context';
import { readJson, writePrivate } from '../files';

/** The lab's secrets: those of `.lab/secrets.json`, made at the first call (0600). Also writes the passphrase's file. */
export function labSecrets(labDir: string): LabSecrets {
  const file = path.join(labDir, 'secrets.json');
  const secrets = readJson<LabSecrets>(file) ?? {
    connectReadToken: randomBytes(32).toString('base64url'),
    connectWriteToken: randomBytes(32).toString('base64url'),
    pulumiPassphrase: randomBytes(32).toString('base64url'),
  };
  writePrivate(file, `${JSON.stringify(secrets, undefined, 2)}\n`);
  writePrivate(passphraseFile(labDir), secrets.pulumiPassphrase);
  return secrets;
}

/** File that PULUMI_CONFIG_PASSPHRASE_FILE names. */
export function passphraseFile(labDir: string): string {
  return path.join(labDir, 'pulumi', 'passphrase');
}
