import * as fs from 'node:fs';
import * as path from 'node:path';
import { takeLock } from '../../lab/lock';
import { isAlive, ownIdentity, startTimeOf } from '../../tools/processIdentity';
import { readState, writeState, type LabState } from '../../lab/state';
import { temporaryDir } from './helpers';

const dir = temporaryDir();
const lock = path.join(dir, 'lock');

test('refuses a second command with the name and pid of the first until that finishes', () => {
  const release = takeLock(dir, 'up');
  expect(() => takeLock(dir, 'down')).toThrow(
    new Error(`this lab is in use by "lab up" (pid ${process.pid}); wait for it, or stop it with Ctrl-C there`),
  );
  release();
  takeLock(dir, 'down')();
  expect(fs.existsSync(dir)).toBe(false);
  fs.mkdirSync(dir);
});

test.each([
  ['a dead process', JSON.stringify({ pid: 2 ** 22 + 1, startTime: '5', command: 'up' })],
  ['a reused pid', JSON.stringify({ ...ownIdentity(), startTime: '5', command: 'up' })],
  ['a truncated file', '{"pid":'],
])('takes over the lock of %s', (_what, text) => {
  fs.writeFileSync(path.join(dir, 'state.json'), '{}');
  fs.writeFileSync(lock, text);
  takeLock(dir, 'up')();
  expect(fs.readdirSync(dir)).toEqual(['state.json']);
  fs.rmSync(path.join(dir, 'state.json'));
});

test('distinguishes a process from a later one with the same pid', () => {
  expect(isAlive(ownIdentity())).toBe(true);
  expect(isAlive({ ...ownIdentity(), startTime: '1' })).toBe(false);
  expect(startTimeOf(2 ** 22 + 1)).toBeUndefined();
});

test('state is read back as written and is readable by its owner only', () => {
  const state: LabState = {
    format: 2,
    prefix: '127.30',
    ports: { proxy: 20001 },
    ha: false,
    plugins: 'standin',
    startedAt: '2025-10-20T10:00:00.000Z',
    clusters: ['infra'],
    parts: [],
    tools: {},
  };
  expect(readState(dir)).toBeUndefined();
  writeState(dir, state);
  expect(readState(dir)).toEqual(state);
  expect(fs.statSync(path.join(dir, 'state.json')).mode & 0o777).toBe(0o600);
});

test('an invalid state file is an error with the file and the fix', () => {
  fs.writeFileSync(path.join(dir, 'state.json'), '{');
  expect(() => readState(dir)).toThrow(
    new Error(`${path.join(dir, 'state.json')} is not valid JSON; \`npm run lab -- reset\` creates a new lab`),
  );
});
