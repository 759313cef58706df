import { setMaxListeners } from 'node:events';
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { listStacks } from '../cluster/stackFile';
import { messageOf } from '../clients/userError';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { driftExit, exitCodeOf, type StackDrift } from './drift/drift';
import { type ContextOptions, defaultWaitSeconds, openContext } from './drift/context';
import { plannedFixes, runFixes } from './drift/fix';
import { readIgnoreList } from './drift/ignored';
import { markdownDrift } from './drift/markdown';
import { githubDrift, plainDrift } from './drift/print';
import { showDriftProgress } from './drift/progress';
import { runDrift } from './drift/runDrift';
import { terminalPrompter } from './init/prompter';

interface Flags {
  stack?: string[];
  json?: boolean;
  markdown?: boolean;
  github?: boolean;
  fix?: boolean;
  yes?: boolean;
  wait: number;
  cwd: string;
  talosconfig?: string;
  kubeconfig?: string;
}

const help = examples([
  ['npm run drift', 'every stack: machines, Pulumi, core releases, Flux, secrets, edge'],
  ['npm run drift -- --stack home', 'one stack'],
  ['npm run -s drift -- --json', 'for scripts; exits with 2 for drift, 1 if something could not be told'],
  ['npm run drift -- --stack home --fix', 'fixes what is safe to fix, after a preview and a question'],
  ['npm run drift -- --stack home --talosconfig reader.yaml', 'without access to the state'],
]);

/** Runs one command line (without node and script) and returns the exit code. */
export async function drift(args: readonly string[], root: string): Promise<number> {
  const program = new Command('drift')
    .description(
      'Compares what runs with Git, the configuration and the state. Without --fix it changes nothing. ' +
        'Exits with 0 (no drift), 2 (drift) or 1 (something could not be told, whatever else was found).',
    )
    .option('--stack <name>', 'only this stack; may be repeated', (name: string, before: string[] = []) => [
      ...before,
      name,
    ])
    .addOption(new Option('--json', 'print the result as JSON').conflicts(['markdown', 'github']))
    .addOption(new Option('--markdown', 'print the result as Markdown').conflicts('github'))
    .option('--github', 'print annotations of GitHub Actions, and add the result to the step summary')
    .option('--fix', 'fix what is safe to fix, after a preview and a confirmation; then compare again')
    .option('--yes', 'with --fix: do not ask')
    .option('--wait <seconds>', 'wait at most that long for what Flux is reconciling', wholeSeconds, defaultWaitSeconds)
    .option('--cwd <dir>', 'folder of the Pulumi project', root)
    .option('--talosconfig <file>', 'ask machines with this identity instead of the one in the state')
    .option('--kubeconfig <file>', 'ask the cluster with this kubeconfig instead of the one in the state')
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run drift -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? driftExit.none : driftExit.couldNotTell;
    throw error;
  }
  const {
    stack,
    json,
    markdown,
    github,
    fix = false,
    yes = false,
    wait: waitSeconds,
    cwd,
    ...given
  } = program.opts<Flags>();
  const project = resolve(cwd);
  const stacks = [...new Set(stack ?? listStacks(project))];
  const refused =
    stacks.length > 1 && (given.talosconfig ?? given.kubeconfig) !== undefined
      ? '--talosconfig and --kubeconfig are for one stack; choose it with --stack'
      : fix && !yes && !process.stdin.isTTY
        ? '--fix asks before it changes anything, and there is no terminal to ask on; add --yes'
        : undefined;
  if (refused !== undefined) {
    process.stderr.write(`drift: ${refused}\n`);
    return driftExit.couldNotTell;
  }
  const progress = showDriftProgress(process.stderr);
  const stop = new AbortController();
  // Every request of every layer listens to it.
  setMaxListeners(0, stop.signal);
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const ignore = readIgnoreList(root, new Date().toISOString().slice(0, 10));
    const options = { root, project, given, waitSeconds, ignore, progress, signal: stop.signal };
    const compare = (): Promise<StackDrift[]> =>
      Promise.all(stacks.map((name) => runDrift({ ...options, stack: name })));
    let results = await compare();
    progress.close();
    for (const problem of ignore.problems) process.stderr.write(`drift: ${problem}\n`);
    if (fix && (await applyFixes(results, yes, options))) {
      results = await compare();
      progress.close();
    }
    process.stdout.write(`${report(results, { json, markdown, github })}\n`);
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (github && summary) appendFileSync(summary, `${markdownDrift(results)}\n`);
    return exitCodeOf(results);
  } catch (error) {
    progress.close();
    process.stderr.write(`drift: ${messageOf(error)}\n`);
    return driftExit.couldNotTell;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function wholeSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('give whole seconds, such as 300');
  return Number(text);
}

/** Fixes what can be fixed; whether anything may have changed. Everything that it says goes to stderr. */
async function applyFixes(
  results: StackDrift[],
  yes: boolean,
  options: Omit<ContextOptions, 'stack' | 'note'>,
): Promise<boolean> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const planned = plannedFixes(results);
  if (planned.length === 0) {
    say('drift: --fix has nothing to fix');
    return false;
  }
  say(`${plainDrift(results)}\n`);
  return runFixes(planned, {
    open: (stack) => openContext({ ...options, stack, note: (text) => say(`drift: ${stack}: ${text}`) }),
    confirm: async (question) => {
      if (yes) return true;
      const prompter = await terminalPrompter({ output: process.stderr, cancelled: 'cancelled; nothing was changed' });
      return prompter.confirm(question, false);
    },
    say,
  });
}

function report(
  results: StackDrift[],
  { json, markdown, github }: Pick<Flags, 'json' | 'markdown' | 'github'>,
): string {
  if (json) return JSON.stringify({ stacks: results }, null, 2);
  if (markdown) return markdownDrift(results);
  return github ? githubDrift(results) : plainDrift(results);
}

if (require.main === module) {
  reportOutputErrors('drift', driftExit.couldNotTell);
  void drift(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
