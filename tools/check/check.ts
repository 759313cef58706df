import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command as Cli } from 'commander';
import execa from 'execa';
import { examples, reportOutputErrors, withCheckedValues } from '../commandLine';
import { ToolError } from '../toolError';
import { changedFiles } from './changedFiles';
import { type Command, node, type Outcome, runInOrder, runTogether, timeTable } from './commands';
import { lintCommands } from './lintCommands';
import { type Plan, planFor } from './plan';

const root = join(__dirname, '..', '..');
const jest = 'node_modules/jest/bin/jest.js';

interface Options {
  changed?: string | true;
  list?: boolean;
  lab?: boolean;
}

/** Folders with code, for jest to see what imports what: its own configuration names the tests only. */
function codeFolders(): string[] {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { include: string[] };
  return include
    .filter((path) => existsSync(join(root, path)) && !path.endsWith('.ts'))
    .map((path) => join(root, path));
}

/** The fast tests that import one of the files, directly or not, relative to the root. */
async function testsOf(files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const roots = codeFolders().flatMap((folder) => ['--roots', folder]);
  const related = ['--listTests', '--json', '--findRelatedTests', ...files];
  const { stdout } = await execa(node, [jest, '--selectProjects', 'fast', ...roots, ...related], { cwd: root });
  const found = JSON.parse(stdout.slice(stdout.indexOf('['))) as string[];
  return found.map((file) => relative(root, file)).sort();
}

/** The test files of suites. */
function testFilesOf(suites: readonly string[]): string[] {
  return suites.flatMap((suite) => {
    if (suite.endsWith('.ts')) return [suite];
    const files = readdirSync(join(root, suite), { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.test.ts')).map((file) => `${suite}/${file}`);
  });
}

/** The fast tests of a plan: those of its suites and those that import a changed file. */
async function fastTests(plan: Plan): Promise<string[]> {
  const related = await testsOf(plan.related.filter((file) => existsSync(join(root, file))));
  const files = new Set([...testFilesOf(plan.suites), ...related]);
  return [...files].filter((file) => !file.startsWith('tests/lab/')).sort();
}

function labCommand(paths: readonly string[]): string {
  return `npm run test:lab -- ${paths.join(' ')}`;
}

/** What runs after lint, the cheapest first. */
function stepsOf(plan: Plan, tests: readonly string[], lab: boolean): Command[] {
  const script = (name: string, ...args: string[]): Command => ({
    name: ['npm run', name, ...args].join(' '),
    command: ['npm', 'run', '-s', name, ...(args.length > 0 ? ['--', ...args] : [])],
  });
  const fast: Command = {
    name: `fast tests (${tests.length} files)`,
    command: [node, jest, '--selectProjects', 'fast', '--runTestsByPath', ...tests],
  };
  return [
    ...plan.scripts.map((name) => script(name)),
    ...(tests.length > 0 ? [fast] : []),
    ...(lab && plan.lab.length > 0 ? [script('test:lab', ...plan.lab)] : []),
  ];
}

function list(plan: Plan, tests: readonly string[], steps: readonly Command[]): string {
  return [
    ...plan.reasons.map(({ file, globs }) => `${file}: ${globs.join(', ')}`),
    '',
    ...(plan.lint === undefined ? [] : [`npm run lint: rules and types in all files, the rest in ${plan.lint.length}`]),
    ...steps.map(({ name }) => name),
    ...tests.map((file) => `  ${file}`),
  ].join('\n');
}

async function check({ changed, list: onlyList, lab = false }: Options): Promise<number> {
  const files = await changedFiles(root, typeof changed === 'string' ? changed : undefined);
  const plan = planFor(files);
  // A file that is gone needs no row any more.
  const uncovered = plan.uncovered.filter((file) => existsSync(join(root, file)));
  if (uncovered.length > 0) {
    const rows = uncovered.map((file) => `${file}: found no row of tools/check/touchMap.ts, expected one; add it`);
    throw new ToolError(rows.join('\n'));
  }
  const tests = await fastTests(plan);
  const steps = stepsOf(plan, tests, lab);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const notRun = lab || plan.lab.length === 0 ? '' : `not run: ${labCommand(plan.lab)}, or with --lab`;
  if (onlyList) {
    say([list(plan, tests, steps), notRun].filter(Boolean).join('\n'));
    return 0;
  }
  const outcomes: Outcome[] = [];
  if (plan.lint !== undefined) {
    const from = performance.now();
    const existing = plan.lint.filter((file) => existsSync(join(root, file)));
    const parts = await runTogether(lintCommands(undefined, existing), say);
    const passed = parts.every((part) => part.passed);
    outcomes.push({ name: 'npm run lint', passed, seconds: (performance.now() - from) / 1000 });
  }
  outcomes.push(...(await runInOrder(steps, ({ name }) => say(`\n== ${name}`))));
  say(`\n${timeTable(outcomes)}${notRun && `\n${notRun}`}`);
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

const cli = new Cli('npm run check --')
  .description('Runs what "Touch X → run Y" in CONTRIBUTING.md names for the files that changed.')
  .option('--changed [ref]', 'since this commit (default: the merge base with origin/main or main), and uncommitted')
  .option('--list', 'print what would run, and why')
  .option('--lab', 'also run the lab tests, which take minutes')
  .addHelpText(
    'after',
    examples([
      ['npm run check', 'what was changed on this branch, committed or not'],
      ['npm run check -- --changed HEAD~1 --list', 'what would run for the last commit'],
    ]),
  )
  .action(async (options: Options) => {
    process.exitCode = await check(options).catch((error: unknown) => {
      if (!(error instanceof ToolError)) throw error;
      process.stderr.write(`${error.message}\n`);
      return 2;
    });
  });

reportOutputErrors('check', 2);
void withCheckedValues(cli).parseAsync();
