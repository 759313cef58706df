import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from '../../tools/processIdentity';
import { goRuntimeEnv } from '../goRuntime';
import { defaultReadySeconds, type LabProcess } from './process';
import { markerFor, markerVariable } from './marker';
import { probe, readFrom } from './readiness';

/** A started process, as stored in `state.json`. */
export interface StartedProcess {
  name: string;
  version: string;
  real: boolean;
  pid: number;
  /** Each process leads its own process group. */
  pgid: number;
  startTime: string;
  ports: Record<string, number>;
  log: string;
  startedAt: string;
  stopSeconds: number;
  /** Changes with the command, its environment and its configuration; `up` then restarts the process. */
  fingerprint: string;
}

/** Options of {@link startProcess}. */
export interface StartOptions {
  /** The checkout, which is the default working directory. */
  root: string;
  /** `.lab` */
  labDir: string;
  fingerprint: string;
  /** Called as soon as the process exists, before it is ready. */
  onStarted: (started: StartedProcess) => void;
  signal?: AbortSignal;
}

/** Starts a process and waits until it is ready. If it exits first, throws with its exit code and last log lines. */
export async function startProcess(definition: LabProcess, options: StartOptions): Promise<void> {
  const log = path.join(options.labDir, 'logs', `${definition.name}.log`);
  fs.mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const handle = fs.openSync(log, 'a', 0o600);
  const from = fs.fstatSync(handle).size;
  const [program = '', ...args] = definition.command;
  const child = spawn(program, args, {
    cwd: definition.cwd ?? options.root,
    env: environmentOf(definition, options.labDir),
    detached: true,
    stdio: ['ignore', handle, handle],
  });
  fs.closeSync(handle);
  let ended: string | undefined;
  let succeeded = false;
  child.on('error', (error) => (ended ??= `could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    succeeded = code === 0;
    ended ??= signal === null ? `exited with code ${code}` : `was terminated by ${signal}`;
  });
  const { pid } = child;
  if (pid !== undefined) {
    options.onStarted({
      name: definition.name,
      version: definition.version,
      real: definition.real,
      pid,
      pgid: pid,
      startTime: startTimeOf(pid) ?? '',
      ports: definition.ports ?? {},
      log,
      startedAt: new Date().toISOString(),
      stopSeconds: definition.stopSeconds ?? 10,
      fingerprint: options.fingerprint,
    });
  }
  child.unref();

  const seconds = definition.ready.timeoutSeconds ?? defaultReadySeconds;
  const deadline = Date.now() + seconds * 1000;
  let missing: string | undefined;
  for (;;) {
    // Lets the event loop deliver "exit" and "error" before the first probe.
    await sleep(20);
    options.signal?.throwIfAborted();
    if (definition.ready.kind === 'exit' && succeeded) return;
    if (ended !== undefined) {
      throw new Error(`lab process "${definition.name}" ${ended} before it was ready${tail(log, from)}`);
    }
    missing = await probe(definition.ready, { file: log, from });
    // Something else on that port may have responded to the probe: a process that has exited is never ready.
    if (missing === undefined && ended === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(
        `lab process "${definition.name}" was not ready within ${seconds} s: ${missing}${tail(log, from)}`,
      );
    }
    await sleep(80);
  }
}

function environmentOf(definition: LabProcess, labDir: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  // Settings of Pulumi, kubectl and Talos in the caller's shell must not reach the lab.
  for (const [key, value] of Object.entries(process.env)) {
    if (!/^(PULUMI_|KUBECONFIG$|TALOSCONFIG$|GIT_)/.test(key)) env[key] = value;
  }
  Object.assign(env, goRuntimeEnv(env));
  for (const [key, value] of Object.entries(definition.env ?? {})) {
    if (value === '') delete env[key];
    else env[key] = value;
  }
  env[markerVariable] = markerFor(labDir, definition.name);
  return env;
}

/** The last lines that the process logged since this start, as the end of an error message. */
function tail(log: string, from: number): string {
  const lines = readFrom(log, from).trimEnd().split('\n').slice(-15);
  return lines.join('') === '' ? ` (${log} is empty)` : `; end of ${log}:\n  ${lines.join('\n  ')}`;
}
