import * as fs from 'node:fs';
import * as path from 'node:path';
import { startProcesses, stopProcesses } from '../../lab/executor/executor';
import { findMarked } from '../../lab/executor/marker';
import type { StartedPart } from '../../lab/executor/startProcess';
import { isAlive } from '../../tools/processIdentity';
import { shellPart, temporaryDir } from './helpers';
import type { LabProcess } from '../../lab/executor/process';

const root = temporaryDir();
let labDir = '';
let saved: StartedPart[][] = [];
let lines: string[] = [];
let count = 0;

beforeEach(() => {
  labDir = path.join(root, `lab-${count++}`);
  fs.mkdirSync(labDir);
  saved = [];
  lines = [];
});
afterEach(() => expect(findMarked(labDir)).toEqual([]));

const start = (parts: LabProcess[], running: StartedPart[] = [], signal?: AbortSignal) =>
  startProcesses(parts, {
    root,
    labDir,
    running,
    onChange: (started) => saved.push(started),
    progress: (line) => lines.push(line),
    signal,
  });
const stop = (parts: StartedPart[], onStopped?: (name: string) => void) =>
  stopProcesses(parts, { labDir, progress: (line) => lines.push(line), onStopped });
const log = (name: string): string => path.join(labDir, 'logs', `${name}.log`);
const sleeper = 'echo ready; exec sleep 60';

test('starts in the order of needs, saves after each, stops in reverse', async () => {
  const parts = [shellPart('web', sleeper, { needs: ['store'], ports: { http: 1 } }), shellPart('store', sleeper)];
  const { started, fresh } = await start(parts);
  expect(started.map(({ name }) => name)).toEqual(['store', 'web']);
  expect(fresh).toEqual(started);
  expect(saved.map((list) => list.map(({ name }) => name))).toEqual([['store'], ['store', 'web']]);
  expect(started[1]).toMatchObject({ version: '1', real: true, ports: { http: 1 }, log: log('web') });
  expect(started.every(isAlive)).toBe(true);
  expect(started.map(({ pgid }) => pgid)).toEqual(started.map(({ pid }) => pid));

  const stopped: string[] = [];
  await stop(started, (name) => stopped.push(name));
  expect(stopped).toEqual(['web', 'store']);
  expect(started.some(isAlive)).toBe(false);
});

test('an early end is told with exit code and log tail, and what started before is taken down', async () => {
  const parts = [
    shellPart('store', sleeper),
    shellPart('web', 'echo one; echo "no such option" >&2; exit 3', { needs: ['store'] }),
  ];
  await expect(start(parts)).rejects.toThrow(
    new Error(
      `lab part "web" ended with exit code 3 before it was ready; the end of ${log('web')}:\n  one\n  no such option`,
    ),
  );
  expect(saved.at(-1)).toEqual([]);
});

test('a part that never gets ready is told with what is missing', async () => {
  const part = shellPart('slow', 'exec sleep 60', { ready: { kind: 'log', text: 'here', timeoutSeconds: 0.2 } });
  await expect(start([part])).rejects.toThrow(
    new Error(
      `lab part "slow" was not ready within 0.2 s: its log does not say "here" yet (it wrote nothing to ${log('slow')})`,
    ),
  );
});

test('a program that is not there is an error of that part', async () => {
  const part = shellPart('none', '', { command: [path.join(root, 'no-such-program')] });
  await expect(start([part])).rejects.toThrow(/^lab part "none" could not be started: spawn .*no-such-program ENOENT/);
});

test('both failures of one wave are reported', async () => {
  await expect(start([shellPart('a', 'exit 1'), shellPart('b', 'exit 2')])).rejects.toThrow(
    /"a" ended with exit code 1[^\n]*\nlab part "b" ended with exit code 2/,
  );
});

test('a job is ready when it has ended well, and is not kept as running', async () => {
  const job = shellPart('job', 'exit 0', { ready: { kind: 'exit' } });
  const { started } = await start([job, shellPart('after', sleeper, { needs: ['job'] })]);
  expect(started.map(({ name }) => name)).toEqual(['after']);
  await stop(started);
});

test('a job that fails is a failure', async () => {
  const job = shellPart('job', 'exit 4', { ready: { kind: 'exit' } });
  await expect(start([job])).rejects.toThrow(/^lab part "job" ended with exit code 4 before it was ready/);
});

test('a running part is kept while nothing about it changes, else started anew', async () => {
  const first = await start([shellPart('store', sleeper)]);
  const second = await start([shellPart('store', sleeper)], first.started);
  expect(second.started).toEqual(first.started);
  expect(second.fresh).toEqual([]);

  const third = await start([shellPart('store', sleeper, { env: { LEVEL: '2' } })], second.started);
  expect(third.started.map(({ name }) => name)).toEqual(['store']);
  expect(third.started[0]?.pid).not.toBe(first.started[0]?.pid);
  expect(first.started.some(isAlive)).toBe(false);
  await stop(third.started);
});

test('a changed configuration file of the lab starts the part anew', async () => {
  const file = path.join(labDir, 'config', 'store.json');
  fs.mkdirSync(path.dirname(file));
  const part = shellPart('store', '', { command: ['/bin/sh', '-c', sleeper, 'sh', file] });
  fs.writeFileSync(file, '1');
  const first = await start([part]);
  fs.writeFileSync(file, '2');
  const second = await start([part], first.started);
  expect(second.fresh.map(({ name }) => name)).toEqual(['store']);
  await stop(second.started);
});

test('a recorded pid that another process has now is not touched', async () => {
  const { started } = await start([shellPart('store', sleeper)]);
  const real = started[0] as StartedPart;
  const reused = { ...real, startTime: '1' };
  await stop([reused]);
  expect(isAlive(real)).toBe(false); // by the lab's marker, which only its own processes carry
  const other = { ...real, pid: process.pid, pgid: process.pid, startTime: '1' };
  await stop([other]);
  expect(isAlive(other)).toBe(false);
});

test('what does not listen to TERM is killed, with the whole group and what left it', async () => {
  const script = 'trap "" TERM; setsid sleep 60 & sleep 60 & echo ready; wait';
  const { started } = await start([shellPart('stubborn', script, { stopSeconds: 0.2 })]);
  expect(findMarked(labDir, 'stubborn').length).toBeGreaterThanOrEqual(3);
  await stop(started);
  expect(lines).toContain('stubborn did not listen to TERM and was killed');
  expect(lines).toContain('stubborn left 1 process(es) behind, which were killed');
});

test('an abort while a part is starting takes everything down and is told as such', async () => {
  const abort = new AbortController();
  const parts = [shellPart('store', sleeper), shellPart('never', 'exec sleep 60', { needs: ['store'] })];
  const running = start(parts, [], abort.signal);
  setTimeout(() => abort.abort(new Error('interrupted')), 300);
  await expect(running).rejects.toThrow(new Error('interrupted'));
  expect(saved.at(-1)).toEqual([]);
});

test('what steers other tools in the caller’s shell does not reach a part', async () => {
  process.env.KUBECONFIG = '/somewhere/config';
  process.env.PULUMI_HOME = '/somewhere/pulumi';
  process.env.LABCORE_KEPT = 'kept';
  try {
    const script = 'echo "[$KUBECONFIG][$PULUMI_HOME][$LABCORE_KEPT][$ADDED]"; echo ready; exec sleep 60';
    const { started } = await start([shellPart('env', script, { env: { ADDED: 'yes' } })]);
    expect(fs.readFileSync(log('env'), 'utf8')).toBe('[][][kept][yes]\nready\n');
    await stop(started);
  } finally {
    for (const name of ['KUBECONFIG', 'PULUMI_HOME', 'LABCORE_KEPT']) delete process.env[name];
  }
});
