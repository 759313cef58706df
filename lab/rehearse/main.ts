import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { messageOf } from '../../clients/userError';
import { reportOutputErrors, withCheckedValues } from '../../tools/commandLine';
import { exitCodeOf, rehearseDrift } from './drift';

interface Flags {
  stack: string;
  sample?: number;
  seed: string;
  only: string[];
  json?: boolean;
}

/** Runs in the environment of the lab's Pulumi: `lab rehearse drift` starts it. */
async function main(args: readonly string[], root: string): Promise<number> {
  const program = new Command('rehearse drift')
    .requiredOption('--stack <name>')
    .option('--sample <count>', 'how many tampers', (text) => {
      const count = Number(text);
      if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It is not a number.');
      return count;
    })
    .option('--seed <text>', 'chooses the sample', 'lab')
    .option(
      '--only <start>',
      'tampers whose names start so',
      (start: string, before: string[]) => [...before, start],
      [],
    )
    .option('--json')
    .exitOverride();
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return 1;
    throw error;
  }
  const { json, ...options } = program.opts<Flags>();
  const stop = new AbortController();
  // Every request listens to it.
  setMaxListeners(0, stop.signal);
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  // Also the second signal: whoever starts it may pass on one that the terminal sent already.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    const judgements = await rehearseDrift({ ...options, root, signal: stop.signal, progress });
    const passed = judgements.filter((judgement) => judgement.passed).length;
    if (json) process.stdout.write(`${JSON.stringify(judgements, null, 2)}\n`);
    else
      process.stdout.write(`rehearsal of ${options.stack}: ${passed} passed, ${judgements.length - passed} failed\n`);
    return exitCodeOf(judgements);
  } catch (error) {
    process.stderr.write(`rehearse drift: ${messageOf(error)}\n`);
    return 1;
  }
}

reportOutputErrors('rehearse drift', 1);
void main(process.argv.slice(2), resolve(__dirname, '..', '..')).then((code) => {
  process.exitCode = code;
});
