import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { copyTree, sizeOfTree } from '../../lab/snapshot/copyTree';
import { isLeftOut } from '../../lab/snapshot/writeSnapshot';
import { temporaryDir } from './helpers';

const dir = temporaryDir();
const from = path.join(dir, 'from');
const to = path.join(dir, 'to');
const mode = (...segments: string[]): number => fs.lstatSync(path.join(to, ...segments)).mode & 0o777;

beforeEach(() => fs.mkdirSync(from));
afterEach(() => {
  for (const folder of [from, to]) fs.rmSync(folder, { recursive: true, force: true });
});

test('copies contents, modes and links, and counts regular files', () => {
  fs.mkdirSync(path.join(from, 'private'), { mode: 0o700 });
  fs.mkdirSync(path.join(from, 'empty'));
  fs.chmodSync(path.join(from, 'empty'), 0o755);
  fs.writeFileSync(path.join(from, 'private', 'key'), 'secret', { mode: 0o600 });
  fs.writeFileSync(path.join(from, 'script'), '#!', { mode: 0o700 });
  fs.symlinkSync('/lab/one/data', path.join(from, 'link'));
  fs.symlinkSync('script', path.join(from, 'beside'));
  const copied = copyTree(from, to, { link: (target) => target.replace('/lab/one', '/lab/two') });
  expect(copied).toEqual({ files: 2, bytes: 8 });
  expect(sizeOfTree(to)).toEqual(copied);
  expect(fs.readFileSync(path.join(to, 'private', 'key'), 'utf8')).toBe('secret');
  expect([mode('private'), mode('private', 'key'), mode('script'), mode('empty')]).toEqual([
    0o700, 0o600, 0o700, 0o755,
  ]);
  expect([fs.readlinkSync(path.join(to, 'link')), fs.readlinkSync(path.join(to, 'beside'))]).toEqual([
    '/lab/two/data',
    'script',
  ]);
});

test('a large file keeps its content, size and mode, and its zeros take no space', () => {
  const size = 5 * (1 << 20) + 17;
  const content = Buffer.alloc(size);
  content.write('start', 0);
  content.write('end', size - 3);
  fs.writeFileSync(path.join(from, 'db'), content, { mode: 0o600 });
  fs.writeFileSync(path.join(from, 'zeros'), Buffer.alloc(2 << 20), { mode: 0o600 });
  expect(copyTree(from, to)).toEqual({ files: 2, bytes: size + (2 << 20) });
  expect(fs.readFileSync(path.join(to, 'db')).equals(content)).toBe(true);
  expect(fs.readFileSync(path.join(to, 'zeros')).equals(Buffer.alloc(2 << 20))).toBe(true);
  expect([mode('db'), mode('zeros')]).toEqual([0o600, 0o600]);
  expect(fs.statSync(path.join(to, 'db')).blocks * 512).toBeLessThan(size);
});

test('a change of the copy does not change the original', () => {
  for (const size of [10, 2 << 20]) fs.writeFileSync(path.join(from, String(size)), Buffer.alloc(size, 'a'));
  copyTree(from, to);
  for (const name of fs.readdirSync(to)) fs.writeFileSync(path.join(to, name), 'b', { flag: 'r+' });
  for (const name of fs.readdirSync(from)) {
    expect(fs.readFileSync(path.join(from, name), 'utf8').startsWith('aaa')).toBe(true);
  }
});

test('leaves out sockets and what is to be skipped, with everything below it', async () => {
  fs.mkdirSync(path.join(from, 'logs'));
  fs.writeFileSync(path.join(from, 'logs', 'a.log'), 'a');
  fs.writeFileSync(path.join(from, 'kept'), 'k');
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(path.join(from, 'socket'), resolve));
  const seen: string[] = [];
  expect(copyTree(from, to, { skip: (name) => (seen.push(name), name === 'logs') })).toEqual({ files: 1, bytes: 1 });
  await new Promise((resolve) => server.close(resolve));
  expect(seen.sort()).toEqual(['kept', 'logs', 'socket']);
  expect(fs.readdirSync(to)).toEqual(['kept']);
});

test('an existing target is an error', () => {
  fs.mkdirSync(to);
  expect(() => copyTree(from, to)).toThrow(/EEXIST/);
});

test.each([
  ['lock', false, true],
  ['logs', false, true],
  ['cache', false, true],
  ['project/kubernetes', true, true],
  ['project/Pulumi.apps.yaml', false, false],
  ['clusters/apps/agent.json', false, true],
  ['clusters/apps/pods-before-handover.json', false, false],
  ['clusters/apps/host/helm-controller/tmp', false, true],
  ['clusters/apps/host/source-controller/volumes', false, false],
  ['clusters/apps/apps-01/etcd/member/wal/1.tmp', false, true],
  ['clusters/apps/apps-01/etcd/member/wal/0000000000000000-0000000000000000.wal', false, false],
  ['secrets.json', false, false],
  ['pulumi/state', false, false],
])('%s (link: %s) is left out of a snapshot: %s', (name, link, expected) => {
  expect(isLeftOut(name, { isSymbolicLink: () => link })).toBe(expected);
});
