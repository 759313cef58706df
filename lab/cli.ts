import { setMaxListeners } from 'node:events';
import * as path from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { toolModes } from '../tools/toolOptions';
import type { ObserveFlags } from './commands/observe';
import type { TokenFlags } from './commands/token';
import type { UpFlags } from './commands/up';
import { createConsole } from './console';

/** Exit code after an interruption, as shells report Ctrl-C. */
const interruptedCode = 130;

/**
 * Runs a command line of the lab (without node and script) and returns the exit code. Loads only the module of that
 * command, so that `down` works even if other code of the checkout is broken.
 */
export async function runLab(args: readonly string[], root: string): Promise<number> {
  const output = createConsole();
  const { progress } = output;
  const abort = new AbortController();
  // Every concurrent step listens to it; Node takes more than ten listeners for a leak.
  setMaxListeners(100, abort.signal);
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
    .description(
      'The whole platform on this machine: real Pulumi engine, API servers, Helm and Flux; simulated machines.',
    )
    .option('--verbose', 'show stack traces')
    .addHelpText(
      'after',
      examples([
        ['npm run lab', 'start it: minutes, the first time longer'],
        ['npm run lab -- status', 'what runs, and which of it is real'],
        ['npm run lab -- up --help', 'options and examples of one command'],
        ['npm run lab -- down', 'stop it'],
      ]),
    )
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see npm run lab -- --help)');
  program
    .command('up', { isDefault: true })
    .description('start the lab and hand both clusters over to Flux (default)')
    .option('--once', 'take the lab down afterwards')
    .option('--json', 'print the result as JSON')
    .option('--ha', 'run an API server on every control plane')
    .option('--upgrades', 'provide the Kubernetes release that clusters can be upgraded to, too')
    .option('--order <clusters>', 'bring clusters up sequentially, in this order, for example a,b')
    .addOption(new Option('--services', 'start machines and services only: no pulumi up').conflicts('order'))
    .addOption(
      new Option('--from <snapshot>', 'start a snapshot in place of the stopped lab: no pulumi up').conflicts([
        'ha',
        'order',
        'plugins',
        'services',
      ]),
    )
    .option('--verbose', 'show stack traces')
    .addOption(new Option('--plugins <which>', 'Pulumi plugins').choices(['standin', 'official']).default('standin'))
    .addOption(new Option('--tools <where>', 'where tools may come from').choices(toolModes).default('auto'))
    // The default command also receives unknown commands.
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples([
        ['npm run lab', 'both clusters, or those that are not up yet'],
        ['npm run lab -- up --services', 'machines and services only: `pulumi up` is yours'],
        ['npm run lab -- up --from handed-over', 'a snapshot, in seconds'],
        ['npm run lab -- up --once --json', 'for CI'],
      ]),
    )
    .action(async (flags: UpFlags, command: Command) => {
      if (command.args.length > 0) command.error(`error: unknown command or argument '${command.args[0]}'`);
      const { upCommand } = await import('./commands/up');
      await interruptible((signal) => upCommand(root, flags, output, signal));
    });
  program
    .command('status')
    .description('show what is running, and which of it is real')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['npm run lab -- status', 'a line per process'],
        ['npm run -s lab -- status --json', 'with ports and logs'],
      ]),
    )
    .action(async (flags: { json?: boolean }) => {
      const { statusCommand } = await import('./commands/status');
      statusCommand(root, flags.json ?? false);
    });
  program
    .command('down')
    .description('stop everything; the next up restores the clusters')
    .addHelpText('after', examples([['npm run lab -- down', 'keeps the data in .lab']]))
    .action(async () => {
      const { downCommand } = await import('./commands/down');
      await downCommand(root, progress);
    });
  program
    .command('reset')
    .description('stop everything and delete it')
    .addHelpText('after', examples([['npm run lab -- reset', 'the next `npm run lab` starts from nothing']]))
    .action(async () => {
      const { resetCommand } = await import('./commands/down');
      await resetCommand(root, progress);
    });
  const snapshot = program.command('snapshot').description('save the lab after the handover, for `up --from`');
  snapshot
    .command('save')
    .description('stop the lab and save it under a name')
    .argument('<name>')
    .addHelpText(
      'after',
      examples([['npm run lab -- snapshot save handed-over', 'for `npm run lab -- up --from handed-over`']]),
    )
    .action(async (name: string) => {
      const { snapshotSaveCommand } = await import('./commands/snapshot');
      await interruptible((signal) => snapshotSaveCommand(root, name, progress, signal));
    });
  snapshot
    .command('list')
    .description('list the snapshots of this checkout')
    .addHelpText('after', examples([['npm run lab -- snapshot list', 'names, sizes and ages']]))
    .action(async () => {
      const { snapshotListCommand } = await import('./commands/snapshot');
      snapshotListCommand(root);
    });
  snapshot
    .command('delete')
    .description('delete a snapshot')
    .argument('<name>')
    .addHelpText('after', examples([['npm run lab -- snapshot delete handed-over', 'frees its space']]))
    .action(async (name: string) => {
      const { snapshotDeleteCommand } = await import('./commands/snapshot');
      snapshotDeleteCommand(root, name);
    });
  program
    .command('kubectl')
    .description('run kubectl as a cluster admin')
    .requiredOption('--cluster <name>', 'cluster')
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples([
        [
          'npm run lab -- kubectl --cluster infra get nodes,kustomizations -A',
          "everything after the cluster is kubectl's",
        ],
      ]),
    )
    .action(async (rest: string[], flags: { cluster: string }) => {
      const { kubectlCommand } = await import('./commands/kubectl');
      code = await kubectlCommand(root, flags.cluster, rest);
    });
  program
    .command('env')
    .description('print shell exports that point pulumi, helm and kubectl at the lab')
    .option('--cluster <name>', 'include kubectl settings for this cluster')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['eval "$(npm run -s lab -- env --cluster infra)"', 'kubectl, helm and pulumi of this shell use the lab'],
      ]),
    )
    .action(async (flags: { cluster?: string; json?: boolean }) => {
      const { envCommand } = await import('./commands/env');
      envCommand(root, flags.cluster, flags.json ?? false);
    });
  program
    .command('dry-run')
    .description('server-side dry run of everything in Git on the API servers; changes nothing')
    .option('--json', 'print JSON')
    .option('--verbose', 'show stack traces')
    .addHelpText(
      'after',
      examples([['npm run lab -- dry-run', 'after `npm run lab`; what the API servers would refuse']]),
    )
    .action(async (flags: { json?: boolean }) => {
      const { dryRunCommand } = await import('./commands/dryRun');
      code = await dryRunCommand(root, flags.json ?? false, progress);
    });
  program
    .command('preflight')
    .description('run the preflight checks of a stack in the lab; changes nothing')
    .requiredOption('--stack <name>', 'stack')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['npm run lab -- preflight --stack infra', 'as `npm run preflight`, in the lab']]))
    .action(async (flags: { stack: string; json?: boolean }) => {
      const { preflightCommand } = await import('./commands/preflight');
      code = await preflightCommand(root, flags.stack, flags.json ?? false);
    });
  program
    .command('drift')
    .description('run `npm run drift` on the lab: everything after the command is its own')
    .helpOption(false)
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText('after', examples([['npm run lab -- drift --stack infra', 'compares the lab with Git']]))
    .action(async (rest: string[]) => {
      const { driftCommand } = await import('./commands/drift');
      code = await driftCommand(root, rest);
    });
  program
    .command('token')
    .description('issue a token for the Connect stand-in and print it')
    .requiredOption('--vault <name>', 'vault; a token for an unknown vault has access to nothing')
    .addOption(new Option('--access <right>', 'access of the token').choices(['read', 'write']).makeOptionMandatory())
    .option('--expires <time>', 'expiry as ISO 8601; may be in the past')
    .addHelpText(
      'after',
      examples([
        ['npm run -s lab -- token --vault <vault> --access read --expires 2026-12-31T00:00:00Z', 'prints a token'],
      ]),
    )
    .action(async (flags: TokenFlags) => {
      const { tokenCommand } = await import('./commands/token');
      tokenCommand(root, flags);
    });
  program
    .command('scan')
    .description("search for the lab's secrets where they must not be: state, plans, logs, Git, temporary folders")
    .option('--json', 'print JSON')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', examples([['npm run lab -- scan', 'exits with 1 if it finds a secret']]))
    .action(async (flags: { json?: boolean }) => {
      const { scanCommand } = await import('./commands/scan');
      await interruptible(async (signal) => {
        code = await scanCommand(root, flags.json ?? false, progress, signal);
      });
    });
  program
    .command('observe')
    .description('start the real programs of metrics, alerts and logs next to the running lab')
    .option('--quick', 'scrape and evaluate every few seconds, and let no alert be pending for longer')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['npm run lab -- observe', 'as in Git; prints where to look'],
        ['npm run lab -- observe --quick', 'alerts within seconds; restarts what runs with other settings'],
      ]),
    )
    .action(async (flags: ObserveFlags) => {
      const { observeCommand } = await import('./commands/observe');
      await interruptible((signal) => observeCommand(root, flags, output, signal));
    });
  program
    .command('rehearse')
    .description('rehearse what people rely on, with a running lab')
    .command('drift')
    .description(
      'tamper with one thing after the other; each must be found by a drift run, in its layer, and nothing else',
    )
    .requiredOption('--stack <name>', 'stack')
    .option('--sample <count>', 'only so many tampers, from all layers')
    .option('--seed <text>', 'which ones: the same for the same text')
    .option(
      '--only <start>',
      'only tampers whose names start so; may be repeated',
      (start: string, before: string[] | undefined) => [...(before ?? []), start],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['npm run lab -- rehearse drift --stack <name>', 'all tampers; undoes each of them'],
        ['npm run lab -- rehearse drift --stack <name> --only flux-', 'those of one layer'],
      ]),
    )
    .action(async (flags: { stack: string; sample?: string; seed?: string; only?: string[]; json?: boolean }) => {
      const { rehearseDriftCommand } = await import('./commands/rehearse');
      const { stack, json, ...values } = flags;
      const given = Object.entries(values).flatMap(([name, value]) =>
        [value].flat().flatMap((one) => [`--${name}`, one]),
      );
      code = await rehearseDriftCommand(root, stack, [...given, ...(json ? ['--json'] : [])]);
    });
  program
    .command('pulumi')
    .description('run the Pulumi CLI on the lab')
    .helpOption(false)
    .argument('[args...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (rest: string[]) => {
      const { pulumiCommand } = await import('./commands/pulumi');
      code = await pulumiCommand(root, rest);
    });

  try {
    await withCheckedValues(program).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already printed the error or the requested help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (abort.signal.aborted) return interruptedCode;
    const { message, stack } = error as Error;
    process.stderr.write(`error: ${args.includes('--verbose') ? (stack ?? message) : message}\n`);
    return 1;
  }
}

if (require.main === module) {
  reportOutputErrors('lab', 1);
  void runLab(process.argv.slice(2), path.resolve(__dirname, '..')).then((code) => process.exit(code));
}
