import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabContext } from '../context';
import { pulumiOwner } from '../executor/marker';
import { killMarked } from '../executor/stopProcess';
import { projectDir } from './project';
import { pulumiEnv } from './pulumiEnv';

/** A run of the Pulumi CLI. */
export interface PulumiRun {
  args: string[];
  /** Added to its environment. */
  env?: Record<string, string>;
  /** Written to its stdin; for secrets. */
  input?: string;
  /** File that all output is appended to. */
  log?: string;
  /** Called with each line of output. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

/** Result of a run. */
export interface PulumiOutcome {
  code: number;
  stdout: string;
  /** Both streams, in the order received. */
  output: string;
}

// On SIGINT, Pulumi finishes the operations in progress; the lab waits this long for it.
const graceSeconds = 15;

/** Runs the Pulumi CLI in the lab's project. An abort interrupts it, waits, then kills it and all its plugins. */
export async function runPulumi(ctx: LabContext, run: PulumiRun): Promise<PulumiOutcome> {
  run.signal?.throwIfAborted();
  const program = ctx.plugins === 'official' ? 'pulumi' : ctx.tool('pulumi');
  const child = spawn(program, ['--non-interactive', '--color', 'never', ...run.args], {
    cwd: projectDir(ctx.dir),
    env: { ...pulumiEnv(ctx, pulumiOwner), ...run.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`pulumi could not be started: ${error.message}`)));
    child.on('close', (code) => resolve(code ?? 255));
  });
  let stdout = '';
  let output = '';
  let log: number | undefined;
  if (run.log !== undefined) {
    fs.mkdirSync(path.dirname(run.log), { recursive: true, mode: 0o700 });
    log = fs.openSync(run.log, 'a', 0o600);
  }
  const onLine = (line: string): void => {
    output += `${line}\n`;
    if (log !== undefined) fs.writeSync(log, `${line}\n`);
    run.onLine?.(line);
  };
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`;
    onLine(line);
  });
  readline.createInterface({ input: child.stderr }).on('line', onLine);
  child.stdin.on('error', () => undefined); // It may exit without reading.
  child.stdin.end(run.input ?? '');

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= (async () => {
      child.kill('SIGINT');
      await Promise.race([closed.catch(() => undefined), sleep(graceSeconds * 1000, undefined, { ref: false })]);
      await killMarked(ctx.dir, pulumiOwner);
    })();
  };
  run.signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await closed;
    await stopping;
    return { code, stdout, output };
  } finally {
    run.signal?.removeEventListener('abort', stop);
    if (log !== undefined) fs.closeSync(log);
  }
}

/** Like {@link runPulumi}, but throws Pulumi's output if it fails. */
export async function mustRunPulumi(ctx: LabContext, run: PulumiRun): Promise<PulumiOutcome> {
  const outcome = await runPulumi(ctx, run);
  run.signal?.throwIfAborted();
  if (outcome.code !== 0) {
    throw new Error(`pulumi ${run.args.join(' ')} failed with exit code ${outcome.code}:\n${outcome.output.trimEnd()}`);
  }
  return outcome;
}
