import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFolder } from '../../lab/agent/volumes';

describe('writeFolder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'volumes-'));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  afterAll(() => rmSync(dir, { recursive: true }));

  test('writes keys as private files, leaves unchanged ones alone, deletes removed ones', () => {
    writeFolder(dir, { 'tls.crt': base64('one'), 'tls.key': base64('two') }, 'base64');
    const before = statSync(join(dir, 'tls.crt'));
    expect(before.mode & 0o777).toBe(0o600);
    writeFolder(dir, { 'tls.crt': base64('one'), 'ca.crt': base64('three') }, 'base64');
    expect(readdirSync(dir).sort()).toEqual(['ca.crt', 'tls.crt']);
    expect(readFileSync(join(dir, 'ca.crt'), 'utf8')).toBe('three');
    expect(statSync(join(dir, 'tls.crt')).ino).toBe(before.ino);
  });
});
