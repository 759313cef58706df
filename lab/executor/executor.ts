import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import type { LabProcess } from './process';
import { startProcess, type StartedProcess } from './startProcess';
import { killMarked, stopGroup } from './stopProcess';
import { planWaves } from './waves';

/** Input and callbacks of {@link startProcesses}. */
export interface ExecutorOptions {
  root: string;
  labDir: string;
  /** Processes of an earlier run, from the state; those that are alive and unchanged are kept. */
  running: readonly StartedProcess[];
  /** Whether these processes are in addition to those that run: nothing else stops. */
  additional?: boolean;
  /** Called after every change to the list of started processes, to save it. */
  onChange: (started: StartedProcess[]) => void;
  progress: (line: string) => void;
  /** Told about each process that is ready, instead of `progress`. */
  onReady?: (line: string) => void;
  signal?: AbortSignal;
}

/** Result of {@link startProcesses}. */
export interface StartResult {
  started: StartedProcess[];
  /** Those of `started` that this call started. */
  fresh: StartedProcess[];
}

/**
 * Stops what an earlier run started and nothing defines any more, such as the machines of a removed cluster. Then
 * starts all processes, wave by wave. If one fails or the signal aborts, stops those that this call started, in reverse
 * order, and throws; processes of an earlier run keep running.
 */
export async function startProcesses(processes: readonly LabProcess[], options: ExecutorOptions): Promise<StartResult> {
  const waves = planWaves(processes);
  let all = [...options.running];
  const fresh: StartedProcess[] = [];
  const save = (): void => options.onChange([...all]);
  const start = async (definition: LabProcess): Promise<void> => {
    const fingerprint = fingerprintOf(definition, options.labDir);
    const before = all.find(({ name }) => name === definition.name);
    if (before !== undefined) {
      if (isAlive(before) && before.fingerprint === fingerprint) return;
      await stopGroup(before);
      all = all.filter(({ name }) => name !== definition.name);
      save();
    }
    // Leftovers of an earlier, killed process of this name would occupy its ports.
    await killMarked(options.labDir, definition.name);
    options.signal?.throwIfAborted();
    const startedAt = Date.now();
    await startProcess(definition, {
      root: options.root,
      labDir: options.labDir,
      fingerprint,
      signal: options.signal,
      onStarted: (started) => {
        all.push(started);
        fresh.push(started);
        save();
      },
    });
    if (definition.ready.kind === 'exit') {
      all = all.filter(({ name }) => name !== definition.name);
      save();
    }
    (options.onReady ?? options.progress)(
      `${definition.name} ${definition.version} ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
    );
  };
  try {
    const defined = new Set(processes.map(({ name }) => name));
    await stopProcesses(options.additional === true ? [] : all.filter(({ name }) => !defined.has(name)), {
      ...options,
      onStopped: (name) => (all = all.filter((other) => other.name !== name)),
    });
    if (all.length < options.running.length) save();
    for (const wave of waves) {
      const outcomes = await Promise.allSettled(wave.map(start));
      const failures = outcomes.filter((o) => o.status === 'rejected').map((o) => o.reason as Error);
      if (options.signal?.aborted) throw failures[0] ?? new Error('interrupted');
      if (failures.length > 0) throw new Error(failures.map((f) => f.message).join('\n'));
    }
  } catch (error) {
    await stopProcesses(fresh, { ...options, onStopped: (name) => (all = all.filter((p) => p.name !== name)) });
    save();
    throw error;
  }
  return { started: all, fresh };
}

/** Callbacks of {@link stopProcesses}. */
export interface StopOptions {
  labDir: string;
  progress: (line: string) => void;
  /** Called for each process that has stopped or was already gone. */
  onStopped?: (name: string) => void;
}

/**
 * Stops processes in reverse start order, each with everything it left behind. Continues after a failure and reports all
 * failures together.
 */
export async function stopProcesses(processes: readonly StartedProcess[], options: StopOptions): Promise<void> {
  const problems: string[] = [];
  for (const started of [...processes].reverse()) {
    try {
      const outcome = await stopGroup(started);
      const left = await killMarked(options.labDir, started.name);
      if (outcome === 'killed') options.progress(`${started.name} ignored SIGTERM and was killed`);
      if (left > 0) options.progress(`${started.name} left ${left} process(es) behind; killed them`);
      options.onStopped?.(started.name);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Hash of everything that defines a process, including the contents of the lab's configuration files it reads. */
export function fingerprintOf({ command, env = {}, cwd = '' }: LabProcess, labDir: string): string {
  const hash = createHash('sha256').update(JSON.stringify([command, env, cwd]));
  const configDir = path.join(labDir, 'config') + path.sep;
  for (const argument of command) {
    if (argument.startsWith(configDir) && fs.existsSync(argument)) hash.update(fs.readFileSync(argument));
  }
  return hash.digest('hex').slice(0, 16);
}
