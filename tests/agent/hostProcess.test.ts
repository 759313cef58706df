import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backOff, HostProcess, type Launch } from '../../lab/agent/hostProcess';

describe('HostProcess', () => {
  const dir = mkdtempSync(join(tmpdir(), 'host-process-'));
  const launch = (script: string): Launch => ({
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: dir,
    logFile: join(dir, 'log'),
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  test('leaves a running process alone, restarts it if its launch changes, stops it', async () => {
    const child = new HostProcess();
    await child.ensure(launch('exec sleep 60'));
    const first = child.pid;
    await child.ensure(launch('exec sleep 60'));
    expect(child.pid).toBe(first);
    await child.ensure(launch('exec sleep 61'));
    expect(child.pid).not.toBe(first);
    expect(child.restarts).toBe(0);
    await child.stop();
    expect(child.pid).toBeUndefined();
    expect(readFileSync(join(dir, 'log'), 'utf8')).toContain('--- lab agent: starting /bin/sh -c exec sleep 61\n');
  });

  test('waits after a crash before the next start', async () => {
    const child = new HostProcess();
    await child.ensure(launch('exit 3'));
    while (child.pid !== undefined) await sleep(5);
    expect(child.lastExit).toBe('exit code 3');
    expect(child.waitSeconds).toBe(1);
    await child.ensure(launch('exit 3'));
    expect(child.pid).toBeUndefined();
  });

  test('a binary that cannot be started counts as a crash', async () => {
    let ended = 0;
    const child = new HostProcess(() => (ended += 1));
    await child.ensure({ ...launch(''), command: join(dir, 'missing') });
    while (child.lastExit === '') await sleep(5);
    expect(ended).toBe(1);
    expect(child.lastExit).toMatch(/^could not be started: spawn .*missing ENOENT$/);
  });

  test('does not restart once closed', async () => {
    const child = new HostProcess();
    await child.close();
    await child.ensure(launch('exec sleep 60'));
    expect(child.pid).toBeUndefined();
  });

  test('the delay doubles from 1 s up to 30 s', () => {
    expect([0, 1, 2, 3, 5, 6, 20].map(backOff)).toEqual([0, 1000, 2000, 4000, 16_000, 30_000, 30_000]);
  });
});
