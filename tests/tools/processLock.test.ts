import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive, ownIdentity } from '../../tools/processIdentity';
import { lockHolder, tryLock, waitForLock } from '../../tools/processLock';

describe('processLock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is held once, leaves no claim behind, and is free after release', () => {
    const lock = tryLock(file);
    expect(lock).toBeDefined();
    expect(tryLock(file)).toBeUndefined();
    expect(lockHolder(file)).toEqual(ownIdentity());
    expect(readdirSync(folder)).toEqual(['lock']);
    lock?.release();
    expect(existsSync(file)).toBe(false);
    expect(tryLock(file)).toBeDefined();
  });

  test('is taken over from a dead process', async () => {
    const child = spawn('true');
    const dead = { pid: child.pid ?? 0, startTime: '1' };
    await new Promise((resolve) => child.on('close', resolve));
    writeFileSync(file, JSON.stringify(dead));
    expect(tryLock(file)).toBeDefined();
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  test('is taken over if the process id was reused: the start time decides', () => {
    const reused = { pid: process.pid, startTime: '1' };
    expect(isAlive(reused)).toBe(false);
    writeFileSync(file, JSON.stringify(reused));
    expect(tryLock(file)).toBeDefined();
  });

  test('is taken over although a process was killed in the middle of taking it over', () => {
    const dead = JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' });
    writeFileSync(file, dead);
    const takeover = `${file}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
    writeFileSync(takeover, JSON.stringify({ pid: 2 ** 22 + 2, startTime: '1' }));
    expect(tryLock(file)).toBeDefined();
    expect(readdirSync(folder)).toEqual(['lock']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ownIdentity());
  });

  test('has exactly one holder at a time when many processes meet the lock of a dead one', async () => {
    const contender = join(__dirname, 'support', 'lockContender.ts');
    const node = ['--require', require.resolve('tsx/cjs'), contender, file, '60'];
    const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, node));
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => '0'));
    expect(readdirSync(folder)).toEqual(['lock']);
  }, 60_000);

  test('waiting reports the holder once and ends when the lock is released', async () => {
    const lock = tryLock(file);
    const reported: number[] = [];
    setTimeout(() => lock?.release(), 700);
    const second = await waitForLock(file, (pid) => reported.push(pid));
    expect(reported).toEqual([process.pid]);
    second.release();
  });
});
