import * as fs from 'node:fs';
import * as path from 'node:path';
import { runLab } from '../../lab/cli';
import { connectTokenKey } from '../../lab/services/connect/key';
import { publicKeyOf, verifyConnectToken, vaultIdOf } from '../../lab/services/connect/token';
import { ownIdentity } from '../../tools/processIdentity';
import { capturedOutput, temporaryDir } from './helpers';

const root = temporaryDir();
const output = capturedOutput();

test('status without a lab: stdout contains JSON only', async () => {
  expect(await runLab(['status', '--json'], root)).toBe(0);
  expect(JSON.parse(output.stdout)).toEqual({ running: false, clusters: [], processes: [] });
  expect(output.stderr).toBe('');
});

test.each([
  [['kubectl', '--cluster', 'infra', 'get', 'nodes']],
  [['pulumi', 'preview', '--stack', 'infra']],
  [['env']],
  [['observe']],
  [['preflight', '--stack', 'infra']],
  [['token', '--vault', 'lab', '--access', 'read']],
])('%j without a lab fails with one clear error', async (args) => {
  expect(await runLab(args, root)).toBe(1);
  expect(output.stderr).toBe('error: there is no lab in this checkout; `npm run lab` starts it\n');
  expect(output.stdout).toBe('');
});

test('down and reset without a lab do nothing', async () => {
  expect(await runLab(['down'], root)).toBe(0);
  expect(output.stderr).toMatch(/there is no lab in this checkout\n$/);
  output.stderr = '';
  expect(await runLab(['reset'], root)).toBe(0);
  expect(output.stderr).toMatch(/there is no lab in this checkout\n$/);
  expect(fs.readdirSync(root)).toEqual([]);
});

test.each([
  [
    ['up', '--tools', 'none'],
    "error: option '--tools <where>' argument 'none' is invalid. Allowed choices are auto, download, build.",
  ],
  [
    ['up', '--plugins', 'none'],
    "error: option '--plugins <which>' argument 'none' is invalid. Allowed choices are standin, official.",
  ],
  [['stauts'], "error: unknown command or argument 'stauts'"],
  [['--onec'], "error: unknown option '--onec'"],
  [['--services', '--order', 'a,b'], "error: option '--services' cannot be used with option '--order <clusters>'"],
  [['token', '--vault', 'lab'], "error: required option '--access <right>' not specified"],
  [['preflight'], "error: required option '--stack <name>' not specified"],
  [['kubectl', 'get', 'nodes'], "error: required option '--cluster <name>' not specified"],
])('%j is rejected before anything happens', async (args, message) => {
  expect(await runLab(args, root)).toBe(1);
  expect(output.stderr.split('\n')[0]).toBe(message);
  expect(fs.readdirSync(root)).toEqual([]);
});

test('leaves a lab alone that is in use', async () => {
  fs.mkdirSync(path.join(root, '.lab'));
  fs.writeFileSync(path.join(root, '.lab', 'lock'), JSON.stringify({ ...ownIdentity(), command: 'up' }));
  expect(await runLab(['down'], root)).toBe(1);
  expect(output.stderr).toBe(
    `error: this lab is in use by "lab up" (pid ${process.pid}); wait for it, or stop it with Ctrl-C there\n`,
  );
  fs.rmSync(path.join(root, '.lab'), { recursive: true });
});

test('token prints only the token; an invalid time is rejected', async () => {
  const labDir = path.join(root, '.lab');
  fs.mkdirSync(labDir);
  fs.writeFileSync(path.join(labDir, 'state.json'), JSON.stringify({ format: 2 }));
  const flags = ['token', '--vault', 'lab', '--access', 'write'];
  expect(await runLab([...flags, '--expires', '2031-05-01T12:00:00Z'], root)).toBe(0);
  const publicKey = publicKeyOf(connectTokenKey(labDir));
  const token = output.stdout.trimEnd();
  expect(output.stdout).toBe(`${token}\n`);
  expect(verifyConnectToken(token, publicKey, new Date('2031-05-01T11:59:59Z'))).toEqual(
    new Map([[vaultIdOf('lab'), 'write']]),
  );
  expect(verifyConnectToken(token, publicKey, new Date('2031-05-01T12:00:00Z'))).toBeUndefined();
  expect(await runLab([...flags, '--expires', 'soon'], root)).toBe(1);
  expect(output.stderr).toBe('error: --expires soon: expected a time such as 2026-01-31T12:00Z\n');
  fs.rmSync(labDir, { recursive: true });
});

test('prints stack traces only with --verbose', async () => {
  expect(await runLab(['env'], root)).toBe(1);
  expect(output.stderr).not.toContain(' at ');
  expect(await runLab(['--verbose', 'env'], root)).toBe(1);
  expect(output.stderr).toContain('savedContext');
});
