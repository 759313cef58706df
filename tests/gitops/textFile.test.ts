import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTextFile, TextFileError } from '../../gitops/textFile';

const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-text-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('loop', at('loop'));
  writeFileSync(at('file'), '\uFEFFGrüße\r\n');
  writeFileSync(at('latin1'), Buffer.from('Grüße', 'latin1'));
  writeFileSync(at('utf16'), Buffer.from('\uFEFFconfig: {}', 'utf16le'));
  writeFileSync(at('utf16-without-mark'), Buffer.from('config: {}', 'utf16le'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('reads UTF-8 without its byte order mark', () => {
  expect(readTextFile(at('file'))).toBe('Grüße\r\n');
});

test.each([
  ['nothing', 'file does not exist; create it or fix the path that references it'],
  ['file/below', 'file does not exist, because part of its path is a file; correct the path'],
  ['folder', 'is a folder; put a file in its place'],
  ['pipe', 'is a pipe, socket or device; put a file in its place'],
  ['loop', 'is a symbolic link to itself; put a file in its place'],
  ['latin1', 'is not UTF-8 text; save it as UTF-8'],
  ['utf16', 'is not UTF-8 text; save it as UTF-8'],
  ['utf16-without-mark', 'is not UTF-8 text; save it as UTF-8'],
])('refuses %s', (name, message) => {
  expect(() => readTextFile(at(name))).toThrow(new TextFileError(message));
});
