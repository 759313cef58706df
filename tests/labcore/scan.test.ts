import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Matcher } from '../../lab/scan/matcher';
import { forms, secretPatternsOf, type Secret } from '../../lab/scan/secretPatterns';
import { temporaryFiles } from '../../lab/scan/temporaryFiles';

const secret: Secret = { name: 'token', value: '?>~ p+q/r s"t=u%v&w\\x:0123456789' };
const other: Secret = { name: 'other', value: 'another-secret-of-letters' };
const found = (text: string, secrets: Secret[] = [secret, other]) =>
  new Matcher(secrets.flatMap(secretPatternsOf))
    .find(Buffer.from(text))
    .map(({ secret: name, form }) => `${name} ${form}`);

const planted: Record<(typeof forms)[number], string> = {
  plain: `log: ${secret.value} and more`,
  base64: `data:\n  token: ${Buffer.from(secret.value).toString('base64')}\n`,
  base64url: `h.${Buffer.from(secret.value).toString('base64url')}.s`,
  percent: `https://example.org/?token=${encodeURIComponent(secret.value)}`,
  json: JSON.stringify({ token: secret.value }),
  hex: `0x${Buffer.from(secret.value).toString('hex')}`,
};

test.each(forms)('finds a planted secret encoded as %s', (form) => {
  expect(found(planted[form])).toContain(`token ${form}`);
});

test.each([0, 1, 2, 3, 4])('finds base64 within a longer text, preceded by %i bytes', (before) => {
  const text = `${'x'.repeat(before)}${secret.value}, and what comes after`;
  expect(found(Buffer.from(text).toString('base64'))).toEqual(['token base64']);
});

test('finds upper-case hexadecimal', () => {
  expect(found(Buffer.from(secret.value).toString('hex').toUpperCase())).toEqual(['token hex']);
});

test('does not report near matches', () => {
  const near = `${secret.value.slice(0, -1)}X`;
  for (const text of [near, secret.value.slice(1), secret.value.toUpperCase(), [...secret.value].reverse().join('')]) {
    expect(found(text)).toEqual([]);
    expect(found(Buffer.from(text).toString('hex'))).toEqual([]);
  }
  expect(found('')).toEqual([]);
});

test('finds two secrets, at the start and the end of a file', () => {
  expect(found(`${other.value} … ${secret.value}`)).toEqual(['other plain', 'token plain']);
});

test('identifies a PEM block by any of its lines, regardless of line endings', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key: Secret = { name: 'key', value: pem };
  expect(found(pem, [key])).toEqual(['key plain']);
  expect(found(JSON.stringify({ pem }), [key])).toContain('key plain');
  expect(found(Buffer.from(pem).toString('base64'), [key])).toEqual(['key base64']);
  expect(found(pem.replaceAll('\n', '\r\n    '), [key])).toEqual(['key plain']);
  expect(found('-----BEGIN PRIVATE KEY-----', [key])).toEqual([]);
});

test('temporary files: those of checkouts are skipped, however deep, and those that are older', () => {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'scan-')));
  const write = (...names: string[]): string => {
    const file = path.join(base, ...names);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '');
    return file;
  };
  try {
    const root = path.join(base, 'a', 'b', 'own');
    write('a', 'b', 'own', '.lab', 'secrets.json');
    write('other', 'lab', 'cli.ts');
    write('other', '.lab', 'secrets.json');
    const old = write('old');
    fs.utimesSync(old, 1, 1);
    // A folder of another program with a package.json, and one next to a checkout.
    const found = [write('a', 'b', 'leak'), write('tool', 'package.json'), write('tool', 'deep', 'leak')];
    expect([...temporaryFiles(root, new Date(0), [base])].sort()).toEqual([...found, old].sort());
    expect([...temporaryFiles(root, new Date(Date.now() - 60_000), [base, base, '/nowhere'])].sort()).toEqual(
      found.sort(),
    );
  } finally {
    fs.rmSync(base, { recursive: true });
  }
});
