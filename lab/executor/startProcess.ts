import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from '../../tools/processIdentity';
import { defaultReadySeconds, type LabProcess } from './process';
import { markerFor, markerVariable } from './marker';
import { probe, readFrom } from './readiness';

/** A part that was started, as `state.json` keeps it. */
export interface StartedPart {
  name: string;
  version: string;
  real: boolean;
  pid: number;
  /** Each part leads a process group of its own. */
  pgid: number;
  startTime: string;
  ports: Record<string, number>;
  log: string;
  startedAt: string;
  stopSeconds: number;
  /** Changes when the command, its environment or its configuration do: then `up` starts it anew. */
  fingerprint: string;
}

/** Where and how parts are started. */
export interface StartOptions {
  /** The checkout: working folder of parts that name none. */
  root: string;
  /** `.lab` */
  labDir: string;
  fingerprint: string;
  /** Called as soon as the process exists, before it is ready. */
  onStarted: (started: StartedPart) => void;
  signal?: AbortSignal;
}

/** Starts one part and waits until it is ready. An early end is reported as such, with exit code and last log lines. */
export async function startProcess(part: LabProcess, options: StartOptions): Promise<void> {
  const log = path.join(options.labDir, 'logs', `${part.name}.log`);
  fs.mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const handle = fs.openSync(log, 'a', 0o600);
  const from = fs.fstatSync(handle).size;
  const [program = '', ...args] = part.command;
  const child = spawn(program, args, {
    cwd: part.cwd ?? options.root,
    env: partEnv(part, options.labDir),
    detached: true,
    stdio: ['ignore', handle, handle],
  });
  fs.closeSync(handle);
  let ended: string | undefined;
  let succeeded = false;
  child.on('error', (error) => (ended ??= `could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    succeeded = code === 0;
    ended ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  });
  const { pid } = child;
  if (pid !== undefined) {
    options.onStarted({
      name: part.name,
      version: part.version,
      real: part.real,
      pid,
      pgid: pid,
      startTime: startTimeOf(pid) ?? '',
      ports: part.ports ?? {},
      log,
      startedAt: new Date().toISOString(),
      stopSeconds: part.stopSeconds ?? 10,
      fingerprint: options.fingerprint,
    });
  }
  child.unref();

  const seconds = part.ready.timeoutSeconds ?? defaultReadySeconds;
  const deadline = Date.now() + seconds * 1000;
  let missing: string | undefined;
  for (;;) {
    // One turn of the event loop, so that "exit" and "error" are seen before the first probe.
    await sleep(20);
    options.signal?.throwIfAborted();
    if (part.ready.kind === 'exit' && succeeded) return;
    if (ended !== undefined) {
      throw new Error(`lab part "${part.name}" ${ended} before it was ready${tail(log, from)}`);
    }
    missing = await probe(part.ready, { file: log, from });
    // A probe may have been answered by something else on that port: a part that has ended is never ready.
    if (missing === undefined && ended === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(`lab part "${part.name}" was not ready within ${seconds} s: ${missing}${tail(log, from)}`);
    }
    await sleep(80);
  }
}

function partEnv(part: LabProcess, labDir: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  // What steers Pulumi, kubectl and Talos in the caller's shell must not reach the lab.
  for (const [key, value] of Object.entries(process.env)) {
    if (!/^(PULUMI_|KUBECONFIG$|TALOSCONFIG$|GIT_)/.test(key)) env[key] = value;
  }
  for (const [key, value] of Object.entries(part.env ?? {})) {
    if (value === '') delete env[key];
    else env[key] = value;
  }
  env[markerVariable] = markerFor(labDir, part.name);
  return env;
}

/** The last lines that this start wrote, as an addition to a message. */
function tail(log: string, from: number): string {
  const lines = readFrom(log, from).trimEnd().split('\n').slice(-15);
  return lines.join('') === '' ? ` (it wrote nothing to ${log})` : `; the end of ${log}:\n  ${lines.join('\n  ')}`;
}
