import { existsSync, readFileSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsFrom, pullSecretData, withCredentials } from '../../../clients/git/credentials';
import { remoteTip } from '../../../clients/git/git';
import { FakeTool } from '../support/fakeTool';

const url = 'https://git.example.org/a/b.git';
// No key: only the head of one without a passphrase.
const head = Buffer.from('openssh-key-v1\0\0\0\0\x04none').toString('base64');
const pemLine = (word: string) => `-----${word} OPENSSH PRIVATE KEY-----`;
const key = [pemLine('BEGIN'), head, pemLine('END')].join('\n');
const fields =
  (values: Record<string, string>) =>
  (label: string): string | undefined =>
    values[label];

test('a deploy key and the known hosts; a lost newline at the end is put back', () => {
  const credentials = credentialsFrom('ssh', fields({ identity: key, known_hosts: 'h ssh-ed25519 A\r\n' }));
  expect(credentials).toEqual({ kind: 'ssh', identity: `${key}\n`, knownHosts: 'h ssh-ed25519 A\n' });
  expect('problem' in credentials ? {} : pullSecretData(credentials)).toEqual({
    identity: `${key}\n`,
    known_hosts: 'h ssh-ed25519 A\n',
  });
});

test('a token as a password or as a bearer token', () => {
  const password = credentialsFrom('token', fields({ password: 'word' }));
  expect(password).toEqual({ kind: 'token', username: 'git', password: 'word' });
  expect('problem' in password ? {} : pullSecretData(password)).toEqual({ username: 'git', password: 'word' });
  const bearer = credentialsFrom('token', fields({ bearerToken: 'tok' }));
  expect('problem' in bearer ? {} : pullSecretData(bearer)).toEqual({ bearerToken: 'tok' });
});

test.each([
  ['ssh', { identity: key }, 'has no field known_hosts'],
  ['ssh', { identity: 'top secret', known_hosts: 'h' }, 'has something else than a private key in field identity'],
  ['token', {}, 'has no field password or bearerToken'],
  ['token', { password: 'a', bearerToken: 'b' }, 'has both fields password and bearerToken'],
] as const)('%s credentials in %j are refused', (kind, values, problem) => {
  expect(credentialsFrom(kind, fields(values))).toEqual({ problem });
});

test('a key with a passphrase is refused: no one could enter it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'key-'));
  const file = join(folder, 'key');
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'passphrase', '-f', file]);
    const read = (): object =>
      credentialsFrom('ssh', fields({ identity: readFileSync(file, 'utf8'), known_hosts: 'h' }));
    expect(read()).toEqual({
      problem: 'has a private key with a passphrase in field identity; remove it (ssh-keygen -p)',
    });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'passphrase', '-N', '', '-f', file]);
    expect(read()).toMatchObject({ kind: 'ssh' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a token reaches Git in a file that only we can read, and only for its host', async () => {
  let config = '';
  await withCredentials(url, { kind: 'token', username: 'git', password: 'word' }, ({ options, env }) => {
    expect([options[0], env]).toEqual(['-c', {}]);
    config = options[1]?.replace('include.path=', '') ?? '';
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(readFileSync(config, 'utf8')).toBe(
      `[http "https://git.example.org/"]\n\textraHeader = "Authorization: Basic ${Buffer.from('git:word').toString('base64')}"\n`,
    );
    const read = execFileSync('git', [...options, 'config', '--get-urlmatch', 'http.extraHeader', url]).toString();
    expect(read).toMatch(/^Authorization: Basic /);
    return Promise.resolve();
  });
  expect(existsSync(config)).toBe(false);
});

test('neither a key nor a token is in the command line or the variables of Git', async () => {
  const git = new FakeTool(
    'git',
    `printf '%s ' "$@" > "$DIR/args"; env > "$DIR/env"; printf '${'a'.repeat(40)}\\trefs/heads/main\\n'`,
  );
  const { signal } = new AbortController();
  await remoteTip(url, 'main', signal, { kind: 'bearer', token: 'hunter2' });
  expect(git.read('args')).toMatch(/^-c include\.path=\S+ ls-remote -- /);
  expect(`${git.read('args')} ${git.read('env')}`).not.toContain('hunter2');
  await remoteTip('ssh://git@git.example.org/a.git', 'main', signal, {
    kind: 'ssh',
    identity: key,
    knownHosts: 'h ssh-ed25519 A',
  });
  expect(git.read('env')).toMatch(
    /^GIT_SSH_COMMAND=ssh -o IdentityFile='\S+identity' -o IdentitiesOnly=yes -o UserKnownHostsFile='\S+' -o GlobalKnownHostsFile=\/dev\/null -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o BatchMode=yes$/m,
  );
  expect(`${git.read('args')} ${git.read('env')}`).not.toContain('BEGIN OPENSSH');
  git.remove();
});
