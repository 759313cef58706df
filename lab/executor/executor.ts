import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import type { LabProcess } from './process';
import { startProcess, type StartedPart } from './startProcess';
import { killMarked, stopGroup } from './stopProcess';
import { planWaves } from './waves';

/** What the executor tells and asks while it works. */
export interface ExecutorOptions {
  root: string;
  labDir: string;
  /** Parts that ran before, from the state; those still alive and unchanged are kept. */
  running: readonly StartedPart[];
  /** Called after every change of the list of started parts, to save it. */
  onChange: (started: StartedPart[]) => void;
  progress: (line: string) => void;
  signal?: AbortSignal;
}

/** What {@link startProcesses} did. */
export interface StartResult {
  started: StartedPart[];
  /** Those of `started` that this call started itself. */
  fresh: StartedPart[];
}

/**
 * Starts all parts, wave by wave. When one fails or the signal aborts, stops what this call started, in reverse, and
 * throws; what ran before stays.
 */
export async function startProcesses(parts: readonly LabProcess[], options: ExecutorOptions): Promise<StartResult> {
  const waves = planWaves(parts);
  let all = [...options.running];
  const fresh: StartedPart[] = [];
  const save = (): void => options.onChange([...all]);
  const start = async (part: LabProcess): Promise<void> => {
    const fingerprint = fingerprintOf(part, options.labDir);
    const before = all.find((p) => p.name === part.name);
    if (before !== undefined) {
      if (isAlive(before) && before.fingerprint === fingerprint) return;
      await stopGroup(before);
      all = all.filter((p) => p.name !== part.name);
      save();
    }
    // What an earlier, killed process of this part left behind would hold its ports.
    await killMarked(options.labDir, part.name);
    options.signal?.throwIfAborted();
    const began = Date.now();
    await startProcess(part, {
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
    if (part.ready.kind === 'exit') {
      all = all.filter((p) => p.name !== part.name);
      save();
    }
    options.progress(`${part.name} ${part.version} ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  };
  try {
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

/** How {@link stopProcesses} reports. */
export interface StopOptions {
  labDir: string;
  progress: (line: string) => void;
  /** Called after each part that is stopped or gone. */
  onStopped?: (name: string) => void;
}

/**
 * Stops parts in the reverse of the order they were started in, then whatever else they left behind. Goes on after a
 * failure and reports all of them together.
 */
export async function stopProcesses(parts: readonly StartedPart[], options: StopOptions): Promise<void> {
  const problems: string[] = [];
  for (const part of [...parts].reverse()) {
    try {
      const outcome = await stopGroup(part);
      const left = await killMarked(options.labDir, part.name);
      if (outcome === 'killed') options.progress(`${part.name} did not listen to TERM and was killed`);
      if (left > 0) options.progress(`${part.name} left ${left} process(es) behind, which were killed`);
      options.onStopped?.(part.name);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Hash of what a part's process is made of; configuration files of the lab count by their text. */
export function fingerprintOf(part: LabProcess, labDir: string): string {
  const hash = createHash('sha256').update(JSON.stringify([part.command, part.env ?? {}, part.cwd ?? '']));
  const configDir = path.join(labDir, 'config') + path.sep;
  for (const argument of part.command) {
    if (argument.startsWith(configDir) && fs.existsSync(argument)) hash.update(fs.readFileSync(argument));
  }
  return hash.digest('hex').slice(0, 16);
}
