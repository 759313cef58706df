import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { GitHubApi } from '../clients/github/api';
import { UserError } from '../clients/userError';
import { listStacks } from '../cluster/stackFile';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { writeIssues } from './github/driftIssues';
import { readPart, readPreviews, readReports } from './github/readReports';
import { type RunContext, runContext } from './github/runContext';
import { commentBody, writeComment } from './github/stickyComment';

const help = examples([
  ['npm run -s github -- stacks', 'the stacks, as the matrix of a workflow'],
  [
    "npm run -s github -- comment --pull-request 7 --commit 1a2b3c4 --part 'Plan=plan.md'",
    'the one comment on a pull request',
  ],
  ['npm run -s github -- drift-issues --reports reports', 'opens, edits and closes one issue for each stack'],
]);

/** `npm run github`: what the workflows do, beyond other commands. Runs one command line and returns the exit code. */
export async function github(
  args: readonly string[],
  root: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const program = new Command('github')
    .description(
      'What the workflows in .github/workflows do on GitHub. Needs GITHUB_TOKEN and what GitHub Actions sets.',
    )
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run github -- --help)');
  const command = (name: string, description: string): Command =>
    program.command(name).description(description).exitOverride();
  const withApi = async <T>(work: (api: GitHubApi, context: RunContext) => Promise<T>): Promise<T> => {
    const context = runContext(env);
    const api = new GitHubApi(context, new AbortController().signal);
    try {
      return await work(api, context);
    } finally {
      await api.close();
    }
  };

  command('stacks', 'print the stacks as a JSON list')
    .option('--stack <name>', 'only this one, if there is such a stack')
    .action(({ stack }: { stack?: string }) => {
      const all = listStacks(root);
      if (stack !== undefined && !all.includes(stack)) {
        throw new UserError(`--stack ${stack}: there is no such stack; use one of: ${all.join(', ')}`);
      }
      process.stdout.write(`${JSON.stringify(stack === undefined ? all : [stack])}\n`);
    });
  command('comment', 'write the one comment on a pull request')
    .requiredOption('--pull-request <number>', 'its number', positive)
    .requiredOption('--commit <sha>', 'the commit that the parts are about')
    .option('--part <title=file>', 'a part, from a file with Markdown (repeatable)', collect, [])
    .option('--previews <folder>', 'what pulumi preview printed: <stack>.txt')
    .action(async ({ pullRequest, commit, part, previews }: CommentFlags) => {
      const parts = [...part.map(readPart), ...(previews === undefined ? [] : readPreviews(previews))];
      const done = await withApi((api, { runUrl }) =>
        writeComment(api, pullRequest, commentBody({ commit, parts, runUrl })),
      );
      process.stdout.write(`comment on #${pullRequest}: ${done}\n`);
    });
  command('drift-issues', 'open, edit and close one issue for each stack')
    .requiredOption('--reports <folder>', 'what npm run drift left: <stack>/exit-code and <stack>/report.md')
    .action(async ({ reports }: { reports: string }) => {
      const found = readReports(reports, listStacks(root));
      const lines = await withApi((api, { runUrl }) => writeIssues(api, found, runUrl));
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    });
  try {
    await withCheckedValues(program).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const { message, stack } = error as Error;
    process.stderr.write(`github: ${error instanceof UserError ? message : (stack ?? message)}\n`);
    return 1;
  }
}

interface CommentFlags {
  pullRequest: number;
  commit: string;
  part: string[];
  previews?: string;
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function positive(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It is not a number.');
  return Number(value);
}

if (require.main === module) {
  reportOutputErrors('github', 1);
  void github(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
