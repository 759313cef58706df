import * as path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import type { TokenFlags } from './commands/token';
import type { UpFlags } from './commands/up';
import { createConsole } from './console';

/** Exit code after an interruption, as shells have it for Ctrl-C. */
const interruptedCode = 130;

/**
 * Runs one command line of the lab (without node and script) and returns the exit code. Each command is loaded when it
 * runs, so that `down` works whatever else is broken in the checkout.
 */
export async function runLab(args: readonly string[], root: string): Promise<number> {
  const { progress } = createConsole();
  const abort = new AbortController();
  let code = 0;

  const interruptible = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const onSignal = (): void => {
      if (!abort.signal.aborted) progress('interrupted: stopping; this takes a few seconds');
      abort.abort(new Error('interrupted'));
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
    await work(abort.signal);
  };

  const program = new Command('lab')
    .description('The whole platform on this machine: real engine, API servers, Helm and Flux; simulated machines.')
    .option('--verbose', 'show stack traces')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see npm run lab -- --help)');
  program
    .command('up', { isDefault: true })
    .description('raise the lab and hand both clusters over to Flux (the default)')
    .option('--once', 'take it down at the end')
    .option('--json', 'print the result as JSON')
    .option('--ha', 'an API server on every control plane')
    .option('--order <clusters>', 'raise them one after the other, such as a,b')
    .addOption(new Option('--world', 'only what clusters are raised in: no pulumi up').conflicts('order'))
    .option('--verbose', 'show stack traces')
    .addOption(new Option('--plugins <which>', 'Pulumi plugins').choices(['standin', 'official']).default('standin'))
    // As the default it also gets what is no command at all.
    .allowExcessArguments()
    .action(async (flags: UpFlags, command: Command) => {
      if (command.args.length > 0) command.error(`error: unknown command or argument '${command.args[0]}'`);
      const { upCommand } = await import('./commands/up');
      await interruptible((signal) => upCommand(root, flags, progress, signal));
    });
  program
    .command('status')
    .description('what runs, and what of it is real')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => {
      const { statusCommand } = await import('./commands/status');
      statusCommand(root, flags.json ?? false);
    });
  program
    .command('down')
    .description('stop everything; the clusters come back with the next up')
    .action(async () => {
      const { downCommand } = await import('./commands/down');
      await downCommand(root, progress);
    });
  program
    .command('reset')
    .description('stop everything and forget it')
    .action(async () => {
      const { resetCommand } = await import('./commands/down');
      await resetCommand(root, progress);
    });
  program
    .command('kubectl')
    .description('kubectl as administrator of a cluster')
    .requiredOption('--cluster <name>', 'which cluster')
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (rest: string[], flags: { cluster: string }) => {
      const { kubectlCommand } = await import('./commands/kubectl');
      code = await kubectlCommand(root, flags.cluster, rest);
    });
  program
    .command('env')
    .description('shell lines that point pulumi, helm and kubectl at the lab')
    .option('--cluster <name>', 'also for kubectl of this cluster')
    .option('--json', 'print JSON')
    .action(async (flags: { cluster?: string; json?: boolean }) => {
      const { envCommand } = await import('./commands/env');
      envCommand(root, flags.cluster, flags.json ?? false);
    });
  program
    .command('admit')
    .description('ask the API servers whether they would take what Git holds; changes nothing')
    .option('--json', 'print JSON')
    .option('--verbose', 'show stack traces')
    .action(async (flags: { json?: boolean }) => {
      const { dryRunCommand } = await import('./commands/dryRun');
      code = await dryRunCommand(root, flags.json ?? false, progress);
    });
  program
    .command('preflight')
    .description('preflight of a stack of the lab; changes nothing')
    .requiredOption('--stack <name>', 'which stack')
    .option('--json', 'print JSON')
    .action(async (flags: { stack: string; json?: boolean }) => {
      const { preflightCommand } = await import('./commands/preflight');
      code = await preflightCommand(root, flags.stack, flags.json ?? false);
    });
  program
    .command('token')
    .description('mint a token for the Connect stand-in and print it')
    .requiredOption('--vault <name>', 'which vault; one that is not there makes a token that sees nothing')
    .addOption(new Option('--access <right>', 'what it may do').choices(['read', 'write']).makeOptionMandatory())
    .option('--expires <time>', 'ISO 8601, may lie in the past')
    .action(async (flags: TokenFlags) => {
      const { tokenCommand } = await import('./commands/token');
      tokenCommand(root, flags);
    });
  program
    .command('scan')
    .description("look for the lab's secrets where none may be: state, plans, logs, Git, temporary folders")
    .option('--json', 'print JSON')
    .option('--verbose', 'show stack traces')
    .action(async (flags: { json?: boolean }) => {
      const { scanCommand } = await import('./commands/scan');
      await interruptible(async (signal) => {
        code = await scanCommand(root, flags.json ?? false, signal);
      });
    });
  program
    .command('pulumi')
    .description('the Pulumi CLI on the lab')
    .helpOption(false)
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (rest: string[]) => {
      const { pulumiCommand } = await import('./commands/pulumi');
      code = await pulumiCommand(root, rest);
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already said what is wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (abort.signal.aborted) return interruptedCode;
    const { message, stack } = error as Error;
    process.stderr.write(`error: ${args.includes('--verbose') ? (stack ?? message) : message}\n`);
    return 1;
  }
}

if (require.main === module) {
  void runLab(process.argv.slice(2), path.resolve(__dirname, '..')).then((code) => process.exit(code));
}
