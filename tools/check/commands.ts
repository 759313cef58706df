import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import pLimit from 'p-limit';

const root = join(__dirname, '..', '..');

/** A program that checks something. It runs in the repository's root. */
export interface Command {
  name: string;
  command: readonly [file: string, ...args: string[]];
}

/** The Node.js that runs this. */
export const node = process.execPath;

/** How a command ended. */
export interface Outcome {
  name: string;
  passed: boolean;
  seconds: number;
}

/**
 * Runs commands concurrently, one for each core. `write` receives the whole output of each that fails, when it ends.
 * The outcomes are in the order of the commands.
 */
export function runTogether(
  commands: readonly Command[],
  write: (text: string) => void,
  cores = availableParallelism(),
): Promise<Outcome[]> {
  const limit = pLimit(cores);
  return Promise.all(
    commands.map((command) =>
      limit(async () => {
        const { outcome, output } = await run(command, 'pipe');
        if (!outcome.passed) write(`== ${command.name}: failed\n${output.trim() || 'no output'}\n`);
        return outcome;
      }),
    ),
  );
}

/** Runs commands one after the other, all of them even if one fails. Their output goes where ours does. */
export async function runInOrder(
  commands: readonly Command[],
  announce: (command: Command) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const command of commands) {
    announce(command);
    outcomes.push((await run(command, 'inherit')).outcome);
  }
  return outcomes;
}

async function run(
  { name, command: [file, ...args] }: Command,
  output: 'pipe' | 'inherit',
): Promise<{ outcome: Outcome; output: string }> {
  const from = performance.now();
  const options = { cwd: root, stdio: ['ignore', output, output], all: true, maxBuffer: Infinity } as const;
  const ended = await execa(file, args, { ...options, reject: false });
  // A program that could not be started has no exit code.
  const failure = ended.exitCode === undefined && 'shortMessage' in ended ? `${String(ended.shortMessage)}\n` : '';
  const outcome = { name, passed: ended.exitCode === 0, seconds: (performance.now() - from) / 1000 };
  return { outcome, output: failure + (ended.all ?? '') };
}

/** A table of how long each command took, and all of them (by default: one after the other). */
export function timeTable(
  outcomes: readonly Outcome[],
  total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
): string {
  const rows = [
    ...outcomes.map(({ name, seconds, passed }) => [name, seconds, passed ? '' : '  failed'] as const),
    ['total', total, ''] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, seconds, note]) => `${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s${note}`)
    .join('\n');
}
