import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withTempDir } from '../process/tempDir';

/** How a private repository is read: a deploy key over SSH, or a token over HTTPS. */
export type GitCredentials =
  | { kind: 'ssh'; identity: string; knownHosts: string }
  | { kind: 'token'; username: string; password: string }
  | { kind: 'bearer'; token: string };

/** The labels of the fields that an item with credentials of this kind must have, whatever else it has. */
export function credentialLabels(kind: 'ssh' | 'token'): string[] {
  // A token is in `password` or `bearerToken`.
  return kind === 'ssh' ? ['identity', 'known_hosts'] : [];
}

/** Credentials from an item's fields, or the reason why they are none. It quotes nothing. */
export function credentialsFrom(
  kind: 'ssh' | 'token',
  field: (label: string) => string | undefined,
): GitCredentials | { problem: string } {
  if (kind === 'token') {
    const [username = 'git', password, token] = [field('username'), field('password'), field('bearerToken')];
    if (password !== undefined && token !== undefined) return { problem: 'has both fields password and bearerToken' };
    if (token !== undefined) return { kind: 'bearer', token: token.trim() };
    if (password !== undefined) return { kind, username, password: password.trim() };
    return { problem: 'has no field password or bearerToken' };
  }
  const [identity, knownHosts] = [field('identity'), field('known_hosts')];
  if (identity === undefined || knownHosts === undefined) {
    const missing = [
      ...(identity === undefined ? ['identity'] : []),
      ...(knownHosts === undefined ? ['known_hosts'] : []),
    ];
    return { problem: `has no field ${missing.join(' and no field ')}` };
  }
  if (!/^-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}\r?\n/.test(identity)) {
    return { problem: 'has something else than a private key in field identity' };
  }
  if (/ENCRYPTED/.test(identity) || isEncryptedOpenSsh(identity)) {
    return { problem: 'has a private key with a passphrase in field identity; remove it (ssh-keygen -p)' };
  }
  return { kind, identity: withNewlines(identity), knownHosts: withNewlines(knownHosts) };
}

/** The data of the Secret that Flux reads a private repository with. */
export function pullSecretData(credentials: GitCredentials): Record<string, string> {
  if (credentials.kind === 'ssh') return { identity: credentials.identity, known_hosts: credentials.knownHosts };
  if (credentials.kind === 'bearer') return { bearerToken: credentials.token };
  return { username: credentials.username, password: credentials.password };
}

/** What Git needs to use credentials for a repository: options before its command, and variables. */
export interface GitAccess {
  options: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * Runs the work with files that only this user can read and that hold the credentials: other users of the machine can read
 * command lines and, of some programs, variables.
 */
export async function withCredentials<T>(
  url: string,
  credentials: GitCredentials | undefined,
  work: (access: GitAccess) => Promise<T>,
): Promise<T> {
  if (credentials === undefined) return work({ options: [], env: {} });
  return withTempDir(async (directory) => {
    const file = async (name: string, text: string): Promise<string> => {
      const path = join(directory, name);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    if (credentials.kind === 'ssh') {
      const identity = await file('identity', credentials.identity);
      const knownHosts = await file('known_hosts', credentials.knownHosts);
      const options = [
        `IdentityFile='${identity}'`,
        'IdentitiesOnly=yes',
        `UserKnownHostsFile='${knownHosts}'`,
        'GlobalKnownHostsFile=/dev/null',
        'StrictHostKeyChecking=yes',
        'UpdateHostKeys=no',
        // Fails instead of prompting: no one would see the prompt.
        'BatchMode=yes',
      ];
      return work({
        options: [],
        env: { GIT_SSH_COMMAND: `ssh ${options.map((option) => `-o ${option}`).join(' ')}` },
      });
    }
    const value =
      credentials.kind === 'bearer'
        ? `Bearer ${credentials.token}`
        : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    const config = `[http "${new URL(url).origin}/"]\n\textraHeader = "Authorization: ${value}"\n`;
    return work({ options: ['-c', `include.path=${await file('config', config)}`], env: {} });
  });
}

/** In OpenSSH's own format, the name of the cipher follows the magic text: `none` for a key without a passphrase. */
function isEncryptedOpenSsh(identity: string): boolean {
  const [, body] = /^-{5}BEGIN OPENSSH PRIVATE KEY-{5}([^-]+)-{5}END/.exec(identity) ?? [];
  if (body === undefined) return false;
  const magic = 'openssh-key-v1\0';
  const bytes = Buffer.from(body, 'base64');
  const length = bytes.length > magic.length + 4 ? bytes.readUInt32BE(magic.length) : 0;
  return bytes.subarray(magic.length + 4, magic.length + 4 + length).toString() !== 'none';
}

/** OpenSSH refuses a key without a newline at its end, which an entry in 1Password may have lost. */
function withNewlines(text: string): string {
  return `${text.replace(/\r\n/g, '\n').trimEnd()}\n`;
}
