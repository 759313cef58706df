import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  test('of a dead process is taken over', async () => {
    const child = spawn('true');
    const dead = { pid: child.pid ?? 0, startTime: '1' };
    await new Promise((resolve) => child.on('close', resolve));
    writeFileSync(file, JSON.stringify(dead));
    expect(tryLock(file)).toBeDefined();
  });

  test('with a reused process id is taken over: the start time decides', () => {
    const reused = { pid: process.pid, startTime: '1' };
    expect(isAlive(reused)).toBe(false);
    writeFileSync(file, JSON.stringify(reused));
    expect(tryLock(file)).toBeDefined();
  });

  test('waiting tells the holder once and ends when it is released', async () => {
    const lock = tryLock(file);
    const told: number[] = [];
    setTimeout(() => lock?.release(), 700);
    const second = await waitForLock(file, (pid) => told.push(pid));
    expect(told).toEqual([process.pid]);
    second.release();
  });
});
