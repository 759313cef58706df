import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Tree } from '../gitops/tree';
import { ToolError } from '../tools/toolError';
import { chartsNotChecked } from './validate/chartsNotChecked';
import type * as charts from './validate/charts/checkCharts';
import type * as diff from './validate/diff/diffReport';
import { CannotTell, type TreeOptions } from './validate/options';
import { github, plain } from './validate/print';
import { type FurtherLook, validate } from './validate/validate';

/** Exit codes, as the design has them: clean, findings, could not tell. */
const code = { clean: 0, findings: 1, cannotTell: 2 } as const;

interface Flags {
  cluster: string[];
  root: string;
  entry: string[];
  settings: string[];
  json?: boolean;
  github?: boolean;
  lenient?: boolean;
  cache: boolean;
  charts?: boolean;
  diff?: string;
  markdown?: boolean;
  verbose?: boolean;
}

/** Runs one command line (without node and script) and returns the exit code. */
export async function runValidate(args: readonly string[], root: string): Promise<number> {
  const several = (value: string, before: string[]): string[] => [...before, value];
  const program = new Command('validate')
    .description('Everything in Git, rendered as Flux renders it and checked before Flux sees it.')
    .option('--cluster <name>', 'only what reaches this cluster; may be repeated', several, [])
    .option('--json', 'print the result as JSON')
    .option('--github', 'print annotations for GitHub Actions')
    .option('--root <dir>', 'another repository', root)
    .option('--entry <path>', 'entry point of a repository that is not of our kind; may be repeated', several, [])
    .option('--settings <file>', 'ConfigMaps, Secrets or KEY=value lines that are not in Git; repeatable', several, [])
    .option('--lenient', 'substitute as a Flux that is not strict')
    .option('--no-cache', 'render everything anew')
    .option('--charts', 'also pull and render every chart, and check its values and what it makes of them')
    .option('--diff <ref>', 'instead of checking, say what changes on each cluster since this commit')
    .option('--markdown', 'with --diff: as a comment for a pull request')
    .option('--verbose', 'also list what was not checked; show stack traces')
    .exitOverride()
    .showHelpAfterError('(see npm run validate -- --help)');
  try {
    program.parse([...args], { from: 'user' });
    return await run(program.opts<Flags>());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? code.clean : code.cannotTell;
    const { message, stack } = error as Error;
    const known = error instanceof CannotTell || error instanceof ToolError;
    const text = !known || args.includes('--verbose') ? (stack ?? message) : message;
    process.stderr.write(`cannot tell: ${text}\n`);
    return code.cannotTell;
  }
}

async function run(flags: Flags): Promise<number> {
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const { lenient, cache } = flags;
  const tree = {
    root: resolve(flags.root),
    entries: flags.entry,
    settings: flags.settings,
    lenient,
    cache,
    onProgress,
  };
  const clusters = flags.cluster.length === 0 ? undefined : flags.cluster;
  if (flags.diff !== undefined) return printDiff({ ...tree, clusters, ref: flags.diff }, flags);
  if (flags.markdown) throw new CannotTell('--markdown: is for a difference; name a commit with --diff <ref>');
  const { result } = await validate({ ...tree, clusters }, lookInto(flags, onProgress));
  const print = flags.github ? github : plain;
  const text = flags.json ? JSON.stringify(result, null, 2) : print(result, flags.verbose ?? false);
  process.stdout.write(`${text}\n`);
  return result.findings.length === 0 ? code.clean : code.findings;
}

/** What is looked at besides what is rendered: charts, or the fact that they were not. */
function lookInto(flags: Flags, onProgress: (line: string) => void): (tree: Tree) => Promise<FurtherLook> {
  const isWanted = (name: string): boolean => flags.cluster.length === 0 || flags.cluster.includes(name);
  return async (whole) => {
    const tree = { ...whole, clusters: whole.clusters.filter(({ name }) => isWanted(name)) };
    if (!flags.charts) return { findings: [], notChecked: chartsNotChecked(tree) };
    const { checkCharts } = load<typeof charts>('./validate/charts/checkCharts');
    return { ...(await checkCharts(tree, { onProgress })), charts: true };
  };
}

/** A report of what changes; that something does is no failure. */
async function printDiff(options: TreeOptions & { ref: string; clusters?: string[] }, flags: Flags): Promise<number> {
  const { diffReport } = load<typeof diff>('./validate/diff/diffReport');
  process.stdout.write(`${await diffReport(options, flags)}\n`);
  return code.clean;
}

/**
 * A module that a plain run does without, loaded only when it is needed: every save waits for what is loaded. By
 * `require`, because the hooks that `import()` needs would take longer to start than all of the checks.
 */
function load<Module>(path: string): Module {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(path) as Module;
}

if (require.main === module) {
  void runValidate(process.argv.slice(2), resolve(__dirname, '..')).then((exit) => {
    process.exitCode = exit;
  });
}
