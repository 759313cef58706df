import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { table } from './preflight/print';
import { showProgress } from './preflight/progress';
import { runPreflight } from './preflight/runPreflight';

/** Exit codes: `failed` if a check failed or preflight could not run. */
const exitCode = { ok: 0, failed: 1 } as const;

interface Flags {
  stack: string;
  json?: boolean;
  cwd: string;
  commit?: string;
}

const help = examples([
  ['npm run preflight -- --stack home', 'what is missing before `pulumi up --stack home`'],
  ['npm run -s preflight -- --stack home --json', 'for scripts; exits with 1 if a check fails'],
]);

/** Runs one command line (without node and script) and returns the exit code. */
export async function preflight(args: readonly string[], root: string): Promise<number> {
  const program = new Command('preflight')
    .description('Checks everything that `pulumi up` of a stack needs. Read-only.')
    .requiredOption('--stack <name>', 'the stack (one per cluster)')
    .option('--json', 'print the result as JSON')
    .option('--cwd <dir>', 'folder of the Pulumi project', root)
    .option('--commit <sha>', 'commit that the branch Flux follows must be at (default: HEAD of this checkout)')
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run preflight -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.failed;
    throw error;
  }
  const { stack, json, cwd, commit } = program.opts<Flags>();
  const progress = showProgress(process.stderr);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const project = resolve(cwd);
    const result = await runPreflight({ stack, root, project, commit, progress, signal: stop.signal });
    progress.close();
    process.stdout.write(`${json ? JSON.stringify(result, null, 2) : table(result)}\n`);
    return result.ok ? exitCode.ok : exitCode.failed;
  } catch (error) {
    progress.close();
    process.stderr.write(`preflight: ${(error as Error).message}\n`);
    return exitCode.failed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

if (require.main === module) {
  reportOutputErrors('preflight', exitCode.failed);
  void preflight(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
