import * as fs from 'node:fs';
import * as path from 'node:path';
import { startProcesses, stopProcesses } from '../../lab/executor/executor';
import { findMarked } from '../../lab/executor/marker';
import type { StartedProcess } from '../../lab/executor/startProcess';
import { isAlive } from '../../tools/processIdentity';
import { shellProcess, temporaryDir } from './helpers';
import type { LabProcess } from '../../lab/executor/process';

const root = temporaryDir();
let labDir = '';
let saved: StartedProcess[][] = [];
let lines: string[] = [];
let count = 0;

beforeEach(() => {
  labDir = path.join(root, `lab-${count++}`);
  fs.mkdirSync(labDir);
  saved = [];
  lines = [];
});
afterEach(() => expect(findMarked(labDir)).toEqual([]));

const start = (processes: LabProcess[], running: StartedProcess[] = [], signal?: AbortSignal) =>
  startProcesses(processes, {
    root,
    labDir,
    running,
    onChange: (started) => saved.push(started),
    progress: (line) => lines.push(line),
    signal,
  });
const stop = (processes: StartedProcess[], onStopped?: (name: string) => void) =>
  stopProcesses(processes, { labDir, progress: (line) => lines.push(line), onStopped });
const log = (name: string): string => path.join(labDir, 'logs', `${name}.log`);
const sleeper = 'echo ready; exec sleep 60';

test('starts in dependency order, saves after each start, stops in reverse order', async () => {
  const processes = [
    shellProcess('web', sleeper, { needs: ['store'], ports: { http: 1 } }),
    shellProcess('store', sleeper),
  ];
  const { started, fresh } = await start(processes);
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

test('additional processes stop nothing else, and those that no one defines any more stop otherwise', async () => {
  const { started } = await start([shellProcess('store', sleeper)]);
  const options = { root, labDir, onChange: () => undefined, progress: () => undefined };
  const more = [shellProcess('web', sleeper)];
  const both = await startProcesses(more, { ...options, running: started, additional: true });
  expect(both.started.map(({ name }) => name)).toEqual(['store', 'web']);
  expect(both.started.every(isAlive)).toBe(true);
  const one = await startProcesses(more, { ...options, running: both.started });
  expect(one.started.map(({ name }) => name)).toEqual(['web']);
  await stop(one.started);
});

test('an early exit is reported with exit code and log tail, and the processes started before are stopped', async () => {
  const processes = [
    shellProcess('store', sleeper),
    shellProcess('web', 'echo one; echo "no such option" >&2; exit 3', { needs: ['store'] }),
  ];
  await expect(start(processes)).rejects.toThrow(
    new Error(
      `lab process "web" exited with code 3 before it was ready; end of ${log('web')}:\n  one\n  no such option`,
    ),
  );
  expect(saved.at(-1)).toEqual([]);
});

test('a process that never becomes ready is reported with what is missing', async () => {
  const slow = shellProcess('slow', 'exec sleep 60', { ready: { kind: 'log', text: 'here', timeoutSeconds: 0.2 } });
  await expect(start([slow])).rejects.toThrow(
    new Error(
      `lab process "slow" was not ready within 0.2 s: its log does not contain "here" yet (${log('slow')} is empty)`,
    ),
  );
});

test('a missing program is an error of that process', async () => {
  const slow = shellProcess('none', '', { command: [path.join(root, 'no-such-program')] });
  await expect(start([slow])).rejects.toThrow(
    /^lab process "none" could not be started: spawn .*no-such-program ENOENT/,
  );
});

test('reports both failures of a wave', async () => {
  await expect(start([shellProcess('a', 'exit 1'), shellProcess('b', 'exit 2')])).rejects.toThrow(
    /"a" exited with code 1[^\n]*\nlab process "b" exited with code 2/,
  );
});

test('a job is ready once it has succeeded, and is not recorded as running', async () => {
  const job = shellProcess('job', 'exit 0', { ready: { kind: 'exit' } });
  const { started } = await start([job, shellProcess('after', sleeper, { needs: ['job'] })]);
  expect(started.map(({ name }) => name)).toEqual(['after']);
  await stop(started);
});

test('a failed job is an error', async () => {
  const job = shellProcess('job', 'exit 4', { ready: { kind: 'exit' } });
  await expect(start([job])).rejects.toThrow(/^lab process "job" exited with code 4 before it was ready/);
});

test('keeps a running process while its definition is unchanged, otherwise restarts it', async () => {
  const first = await start([shellProcess('store', sleeper)]);
  const second = await start([shellProcess('store', sleeper)], first.started);
  expect(second.started).toEqual(first.started);
  expect(second.fresh).toEqual([]);

  const third = await start([shellProcess('store', sleeper, { env: { LEVEL: '2' } })], second.started);
  expect(third.started.map(({ name }) => name)).toEqual(['store']);
  expect(third.started[0]?.pid).not.toBe(first.started[0]?.pid);
  expect(first.started.some(isAlive)).toBe(false);
  await stop(third.started);
});

test('stops a running process that is not defined any more, and keeps the others', async () => {
  const [store, web] = [shellProcess('store', sleeper), shellProcess('web', sleeper)];
  const first = await start([store, web]);
  const second = await start([store], first.started);
  expect(second.started.map(({ name }) => name)).toEqual(['store']);
  expect(second.fresh).toEqual([]);
  expect(saved.at(-1)?.map(({ name }) => name)).toEqual(['store']);
  expect(first.started.map(isAlive)).toEqual(first.started.map(({ name }) => name === 'store'));
  await stop(second.started);
});

test('a changed configuration file of the lab restarts the process', async () => {
  const file = path.join(labDir, 'config', 'store.json');
  fs.mkdirSync(path.dirname(file));
  const slow = shellProcess('store', '', { command: ['/bin/sh', '-c', sleeper, 'sh', file] });
  fs.writeFileSync(file, '1');
  const first = await start([slow]);
  fs.writeFileSync(file, '2');
  const second = await start([slow], first.started);
  expect(second.fresh.map(({ name }) => name)).toEqual(['store']);
  await stop(second.started);
});

test('leaves a process alone that has reused a recorded pid', async () => {
  const { started } = await start([shellProcess('store', sleeper)]);
  const real = started[0] as StartedProcess;
  const reused = { ...real, startTime: '1' };
  await stop([reused]);
  expect(isAlive(real)).toBe(false); // because of the lab's marker, which only its own processes have
  const other = { ...real, pid: process.pid, pgid: process.pid, startTime: '1' };
  await stop([other]);
  expect(isAlive(other)).toBe(false);
});

test('kills a process that ignores SIGTERM, its group, and processes that left the group', async () => {
  const left = path.join(labDir, 'left');
  // Ready once one of them has left the group, which a busy machine delays.
  const script =
    `trap "" TERM; setsid sh -c 'touch "$0"; exec sleep 60' '${left}' & sleep 60 & ` +
    `until [ -e '${left}' ]; do sleep 0.05; done; echo ready; wait`;
  const { started } = await start([shellProcess('stubborn', script, { stopSeconds: 0.2 })]);
  expect(findMarked(labDir, 'stubborn').length).toBeGreaterThanOrEqual(3);
  await stop(started);
  expect(lines).toContain('stubborn ignored SIGTERM and was killed');
  expect(lines).toContain('stubborn left 1 process(es) behind; killed them');
});

test('an abort during a start stops everything and is reported as such', async () => {
  const abort = new AbortController();
  const processes = [shellProcess('store', sleeper), shellProcess('never', 'exec sleep 60', { needs: ['store'] })];
  const running = start(processes, [], abort.signal);
  setTimeout(() => abort.abort(new Error('interrupted')), 300);
  await expect(running).rejects.toThrow(new Error('interrupted'));
  expect(saved.at(-1)).toEqual([]);
});

test('settings of other tools in the caller’s shell do not reach a process', async () => {
  process.env.KUBECONFIG = '/somewhere/config';
  process.env.PULUMI_HOME = '/somewhere/pulumi';
  process.env.LABCORE_KEPT = 'kept';
  try {
    const script = 'echo "[$KUBECONFIG][$PULUMI_HOME][$LABCORE_KEPT][$ADDED]"; echo ready; exec sleep 60';
    const { started } = await start([shellProcess('env', script, { env: { ADDED: 'yes' } })]);
    expect(fs.readFileSync(log('env'), 'utf8')).toBe('[][][kept][yes]\nready\n');
    await stop(started);
  } finally {
    for (const name of ['KUBECONFIG', 'PULUMI_HOME', 'LABCORE_KEPT']) delete process.env[name];
  }
});
