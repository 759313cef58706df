import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { table } from './preflight/print';
import { showProgress } from './preflight/progress';
import { runPreflight } from './preflight/runPreflight';

/** Exit codes: everything is as `up` needs it, or not. */
const code = { green: 0, red: 1 } as const;

interface Flags {
  stack: string;
  json?: boolean;
  cwd: string;
  commit?: string;
}

/** Runs one command line (without node and script) and returns the exit code. */
export async function preflight(args: readonly string[], root: string): Promise<number> {
  const program = new Command('preflight')
    .description('Whether everything is there that `pulumi up` of a stack needs. Changes nothing.')
    .requiredOption('--stack <name>', 'the stack, which is a cluster')
    .option('--json', 'print the result as JSON')
    .option('--cwd <dir>', 'the folder of the Pulumi project', root)
    .option('--commit <sha>', 'the commit that the followed branch must be at; that of this checkout if left out')
    .exitOverride()
    .showHelpAfterError('(see npm run preflight -- --help)');
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? code.green : code.red;
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
    return result.ok ? code.green : code.red;
  } catch (error) {
    progress.close();
    process.stderr.write(`preflight: ${(error as Error).message}\n`);
    return code.red;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

if (require.main === module) {
  void preflight(process.argv.slice(2), resolve(__dirname, '..')).then((exit) => {
    process.exitCode = exit;
  });
}
