import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../clients/userError';
import { placesIn } from '../cluster/keyPath';
import { formatProblem, type Problem } from '../cluster/problems';
import { listClusters } from '../gitops/clusterSettings';
import { ManifestError } from '../gitops/manifestError';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { type Answers, type AnswersInput, parseAnswers, readAnswers } from './init/answers';
import { askMissing, askSite } from './init/ask';
import { describeMachine, type Inspect, inspectMachine } from './init/inspect';
import { nextSteps } from './init/nextSteps';
import { type Plan, planSite, type PlanResult } from './init/plan';
import { type Prompter, terminalPrompter } from './init/prompter';
import { readSystems } from './init/systems';

interface Flags {
  answers?: string;
  dryRun?: boolean;
  inspect?: string[];
  root: string;
}

/** What init does to people and machines; replaced in tests. */
export interface InitDevices {
  inspect: Inspect;
  /** Undefined if there is no terminal. */
  prompter?: () => Promise<Prompter>;
}

const devices: InitDevices = {
  inspect: inspectMachine,
  ...(process.stdin.isTTY && process.stdout.isTTY && { prompter: terminalPrompter }),
};

const help = examples([
  ['npm run init', 'asks, and writes the clusters of this repository'],
  ['npm run init -- --answers site.yaml --dry-run', 'which files the answers change (docs/init.md)'],
  ['npm run init -- --answers site.yaml', 'writes them; a second time only what is answered differently'],
  ['npm run init -- --inspect 192.168.1.11', 'disks and links of a machine in maintenance mode'],
]);

/** `npm run init`: runs one command line (without node and script) and returns the exit code. */
export async function init(args: readonly string[], root: string, { inspect, prompter } = devices): Promise<number> {
  const collect = (value: string, previous: string[] = []): string[] => [...previous, value];
  const program = new Command('init')
    .description('Writes stack files, settings and lists of systems for your own clusters. Never asks for a secret.')
    .option('--answers <file>', 'a file with the answers, instead of questions')
    .option('--dry-run', 'only say which files would change')
    .option('--inspect <address...>', 'only list disks and links of machines in maintenance mode', collect)
    .option('--root <dir>', 'the repository', root)
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run init -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  const flags = program.opts<Flags>();
  const repository = resolve(flags.root);
  try {
    if (flags.inspect !== undefined) return await printMachines(flags.inspect, inspect);
    if (flags.answers !== undefined) return fromFile(repository, flags.answers, flags.dryRun ?? false);
    if (prompter === undefined)
      throw new UserError('there is no terminal to ask on; pass --answers <file> (docs/init.md)');
    return await fromPeople(repository, await prompter(), inspect, flags.dryRun ?? false);
  } catch (error) {
    const isExpected = error instanceof UserError || error instanceof ManifestError;
    const { message, stack } = error as Error;
    process.stderr.write(`init: ${isExpected ? message : (stack ?? message)}\n`);
    return 1;
  }
}

async function printMachines(addresses: readonly string[], inspect: Inspect): Promise<number> {
  const texts = await Promise.all(addresses.map(async (address) => describeMachine(address, await inspect(address))));
  process.stdout.write(`${texts.join('\n')}\n`);
  return 0;
}

function fromFile(root: string, path: string, dryRun: boolean): number {
  const { values, at } = readAnswers(resolve(path));
  const { answers, problems } = parseAnswers(values, at);
  if (answers === undefined) throw refused(path, problems);
  const result = planSite(root, { answers, at });
  if (result.plan === undefined) throw refused(path, result.problems);
  carryOut(root, result.plan, answers, dryRun);
  return 0;
}

async function fromPeople(root: string, prompter: Prompter, inspect: Inspect, dryRun: boolean): Promise<number> {
  const at = placesIn('answers', () => undefined);
  let given = await askSite({ prompter, inspect, systems: readSystems(root), existing: listClusters(root) });
  let answers: Answers | undefined;
  let result: PlanResult | undefined;
  let problems: readonly Problem[] = [];
  for (let next: AnswersInput | undefined = given; next !== undefined;) {
    given = next;
    const parsed = parseAnswers(given, at);
    answers = parsed.answers;
    result = answers && planSite(root, { answers, at });
    problems = result?.problems ?? parsed.problems;
    next = result && (await askMissing(given, result, prompter));
  }
  const file = await saved(given, prompter);
  if (answers === undefined || result?.plan === undefined) throw refused(file ?? 'the answers', problems);
  const isEmpty = result.plan.files.length + result.plan.removed.length === 0;
  const isWanted = dryRun || isEmpty || (await prompter.confirm(`${changesOf(result.plan)}\nWrite this?`, true));
  if (!isWanted) throw new UserError('nothing was written');
  carryOut(root, result.plan, answers, dryRun);
  return 0;
}

/** Saves the answers, which have no secrets, if people want that. */
async function saved(answers: AnswersInput, prompter: Prompter): Promise<string | undefined> {
  const file = await prompter.text('File to save the answers in, for --answers (may be empty)', {
    initial: 'site.yaml',
    check: (value) => (existsSync(value) ? 'expected a file that does not exist yet' : undefined),
  });
  if (file === '') return undefined;
  writeFileSync(file, stringify(answers, { lineWidth: 0 }));
  return file;
}

function refused(what: string, problems: readonly Problem[]): UserError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => `  - ${formatProblem(problem)}`);
  return new UserError(`${what}: ${count}; nothing was written\n${lines.join('\n')}`);
}

/** Writes what is planned, and says so. */
function carryOut(root: string, plan: Plan, answers: Answers, dryRun: boolean): void {
  if (!dryRun) {
    for (const { path, text } of plan.files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    for (const path of plan.removed) rmSync(join(root, path), { recursive: true });
  }
  const added = plan.added.map(
    ({ cluster, name, for: by }) => `${cluster}: ${name} is listed too, because ${by} depends on it`,
  );
  const lines = [changesOf(plan), ...added, '', nextSteps(plan, answers)];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function changesOf({ files, removed }: Plan): string {
  if (files.length + removed.length === 0) return 'Nothing to write: the files say what the answers say.';
  return [
    ...files.map(({ path, before }) => `${before === undefined ? 'new     ' : 'changed '} ${path}`),
    ...removed.map((path) => `removed  ${path}`),
  ].join('\n');
}

if (require.main === module) {
  reportOutputErrors('init', 1);
  void init(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
