import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { type Severity, severities } from '../gitops/signals/signal';
import type { Tree } from '../gitops/tree';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { ToolError } from '../tools/toolError';
import { chartsNotChecked } from './validate/chartsNotChecked';
import { type ExtraChecks, type TreeOptions, ValidateError } from './validate/options';
import { github, plain } from './validate/print';
import { validate } from './validate/validate';

/** Exit codes, documented in docs/validate.md. `failed`: validate could not do its work, or not all of it. */
const exitCode = { clean: 0, findings: 1, failed: 2 } as const;

interface Flags {
  cluster: string[];
  root: string;
  entry: string[];
  settings: string[];
  json?: boolean;
  github?: boolean;
  lenient?: boolean;
  cache: boolean;
  build: boolean;
  charts?: boolean;
  diff?: string;
  failOn?: Severity;
  markdown?: boolean;
  verbose?: boolean;
}

const help = examples([
  ['npm run validate', 'everything in this repository'],
  ['npm run validate -- --diff main', 'what a branch changes on each cluster'],
  ['npm run validate -- --charts', 'also the charts, which it pulls'],
  ['npm run validate -- --root ../other --entry clusters/production', 'another Flux repository'],
]);

/** Runs one command line (without node and script) and returns the exit code. */
export async function runValidate(args: readonly string[], root: string): Promise<number> {
  const collect = (value: string, previous: string[]): string[] => [...previous, value];
  const program = new Command('validate')
    .description('Renders everything in Git the way Flux does and checks it before Flux sees it.')
    .option('--cluster <name>', 'report only what affects this cluster (repeatable)', collect, [])
    .option('--json', 'print the result as JSON')
    .addOption(new Option('--github', 'print annotations for GitHub Actions').conflicts(['json', 'diff']))
    .option('--root <dir>', 'check another repository', root)
    .option('--entry <path>', 'entry point of a repository with another layout (repeatable)', collect, [])
    .option('--settings <file>', 'ConfigMaps, Secrets or KEY=value lines not in Git (repeatable)', collect, [])
    .option('--lenient', 'substitute like Flux without strict mode: unset variables are empty')
    .option('--no-cache', 'render everything again, without the cache')
    .option('--no-build', 'fail if the renderer or the schemas are missing, in place of building them')
    .option('--charts', 'also pull and render charts: to check them, or with --diff to compare those that change')
    .option('--diff <ref>', 'instead of checking, report what changes on each cluster since this commit')
    .addOption(
      new Option('--fail-on <severity>', 'with --diff: exit with 1 if there is such a signal, or a worse one').choices(
        severities,
      ),
    )
    .addOption(new Option('--markdown', 'with --diff: format the report as a pull request comment').conflicts('json'))
    .option('--verbose', 'also list what was not checked; show stack traces')
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run validate -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
    return await run(program.opts<Flags>());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.clean : exitCode.failed;
    const { message, stack } = error as Error;
    const expected = error instanceof ValidateError || error instanceof ToolError;
    const text = !expected || args.includes('--verbose') ? (stack ?? message) : message;
    process.stderr.write(`validate: ${text}\n`);
    return exitCode.failed;
  }
}

async function run(flags: Flags): Promise<number> {
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const { lenient, cache, build } = flags;
  const tree = {
    root: resolve(flags.root),
    entries: flags.entry,
    settings: flags.settings,
    lenient,
    cache,
    build,
    onProgress,
  };
  const clusters = flags.cluster.length === 0 ? undefined : flags.cluster;
  if (flags.diff !== undefined) return printDiff({ ...tree, clusters, ref: flags.diff }, flags);
  if (flags.failOn !== undefined) throw new ValidateError('--fail-on: is about signals of a diff; add --diff <ref>');
  if (flags.markdown) throw new ValidateError('--markdown: formats a diff only; add --diff <ref>');
  const { result } = await validate({ ...tree, clusters }, extraChecks(flags, onProgress));
  const print = flags.github ? github : plain;
  const text = flags.json ? JSON.stringify(result, null, 2) : print(result, flags.verbose ?? false);
  process.stdout.write(`${text}\n`);
  return result.findings.length === 0 ? exitCode.clean : exitCode.findings;
}

/** Checks the charts with `--charts`; without it, lists every HelmRelease as not checked. */
function extraChecks(flags: Flags, onProgress: (line: string) => void): (tree: Tree) => Promise<ExtraChecks> {
  const isSelected = (name: string): boolean => flags.cluster.length === 0 || flags.cluster.includes(name);
  return async (allClusters) => {
    const tree = { ...allClusters, clusters: allClusters.clusters.filter(({ name }) => isSelected(name)) };
    if (!flags.charts) return { findings: [], notChecked: chartsNotChecked(tree) };
    const { checkCharts } = await import('./validate/charts/checkCharts');
    return { ...(await checkCharts(tree, { onProgress })), charts: true };
  };
}

/** Prints what changes. A change is not a failure, unless it raises a signal of `--fail-on`; not being able to tell is one. */
async function printDiff(options: TreeOptions & { ref: string; clusters?: string[] }, flags: Flags): Promise<number> {
  const { diffReport } = await import('./validate/diff/diffReport');
  const { text, incomplete, failing } = await diffReport({ ...options, charts: flags.charts }, flags);
  process.stdout.write(`${text}\n`);
  if (incomplete) return exitCode.failed;
  return failing ? exitCode.findings : exitCode.clean;
}

if (require.main === module) {
  reportOutputErrors('validate', exitCode.failed);
  void runValidate(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
