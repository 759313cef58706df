import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../clients/userError';
import { ManifestError } from '../gitops/manifestError';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { planDiffMarkdown } from './plan/diff/markdown';
import { planDiffText } from './plan/diff/text';
import { planStack } from './plan/planStack';
import type { StackPlan } from './plan/stackPlan';
import { selectedStacks, stacksOf } from './plan/stacksOf';
import { planText } from './plan/text';
import { ValidateError } from './validate/options';

interface Flags {
  stack: string[];
  diff?: string;
  full?: boolean;
  json?: boolean;
  markdown?: boolean;
  cwd: string;
}

const help = examples([
  ['npm run plan', 'what `up` of every stack leads to, and what Flux applies then'],
  ['npm run plan -- --stack home --full', 'also every input, machine configuration, value and object'],
  ['npm run plan -- --diff main', 'what happens because of a branch: machines, core, resources, Flux'],
  ['npm run -s plan -- --diff origin/main --markdown', 'the same as a comment of a pull request'],
]);

/**
 * `npm run plan`: runs one command line (without node and script) and returns the exit code: 0, or 1 if a stack cannot be planned.
 */
export async function plan(args: readonly string[], root: string): Promise<number> {
  const collect = (value: string, previous: string[]): string[] => [...previous, value];
  const program = new Command('plan')
    .description('Shows what `up` would lead to, without engine, plugins, network, cluster or secrets.')
    .option('--stack <name>', 'only this stack (repeatable)', collect, [])
    .option('--diff <ref>', 'only what happens because of the changes since this commit')
    .addOption(new Option('--full', 'also inputs, machine configurations, values and objects').conflicts('diff'))
    .option('--json', 'print the result as JSON')
    .addOption(new Option('--markdown', 'with --diff: for a comment of a pull request').conflicts('json'))
    .option('--cwd <dir>', 'folder of the Pulumi project', root)
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run plan -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
    const { stack, diff, full, json, markdown, cwd } = program.opts<Flags>();
    if (markdown && diff === undefined) throw new UserError('--markdown: formats a difference only; add --diff <ref>');
    const folder = resolve(cwd);
    const text = await (diff === undefined
      ? planned(folder, stack, { full, json })
      : difference(folder, stack, diff, { json, markdown }));
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const { message, stack: trace } = error as Error;
    process.stderr.write(`plan: ${isExpected(error) ? message : (trace ?? message)}\n`);
    return 1;
  }
}

async function planned(
  root: string,
  names: readonly string[],
  { full, json }: Pick<Flags, 'full' | 'json'>,
): Promise<string> {
  const plans: StackPlan[] = [];
  // One after the other: the SDK's state is global.
  for (const stack of selectedStacks(stacksOf(root), names)) plans.push((await planStack(stack, root)).plan);
  return json ? JSON.stringify({ stacks: plans }, null, 2) : planText(plans, full);
}

async function difference(
  root: string,
  names: readonly string[],
  ref: string,
  { json, markdown }: Pick<Flags, 'json' | 'markdown'>,
): Promise<string> {
  // With the provider, which a plan alone does not need.
  const { runPlanDiff } = await import('./plan/diff/runPlanDiff');
  const result = await runPlanDiff(root, ref, names);
  if (json) return JSON.stringify(result, null, 2);
  return markdown ? planDiffMarkdown(result) : planDiffText(result);
}

/** Whether an error is about the stacks or the command line. The SDK marks errors of the program with a field. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof UserError ||
    error instanceof ValidateError ||
    error instanceof ManifestError ||
    (error as { __pulumiRunError?: boolean }).__pulumiRunError === true
  );
}

if (require.main === module) {
  reportOutputErrors('plan', 1);
  void plan(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
