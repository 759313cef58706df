import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCommand } from './checkCommand';
import { fluxProblems, helmProblems, kubectlProblems, talosProblems } from './checkObjects';
import { type CommandTable, readTable } from './commandTable';
import { npmProblems } from './npmScripts';
import { type KnownObjects, readObjects } from './objects';
import { type Command, commandsOf } from './shell';

export const root = join(__dirname, '..', '..');
export const folder = 'docs/runbooks';
export const pages = readdirSync(join(root, folder)).filter((file) => file.endsWith('.md'));
export const textOf = (page: string): string => readFileSync(join(root, folder, page), 'utf8');

/** Programs whose commands and flags are in a table. */
export const tabled = [
  'kubectl',
  'helm',
  'pulumi',
  'flux',
  'talosctl',
  'cilium-dbg',
  'clustermesh-apiserver',
  'hubble',
  'ceph',
] as const;
/** Others that pages may call: what people have (README.md), and what is in pods. */
const others = [
  'git',
  'mise',
  'op',
  'jq',
  'openssl',
  'base64',
  'grep',
  'ping',
  'export',
  'xargs',
  'dig',
  'date',
  'rbd',
  'restic',
];
const programs: ReadonlySet<string> = new Set(['npm', ...tabled, ...others]);

const tables = new Map<string, CommandTable>(tabled.map((tool) => [tool, readTable(tool)]));
const known: KnownObjects = readObjects(root);

/** What is wrong with the commands of a page, each with its line. */
export function problemsOf(markdown: string): string[] {
  return commandsOf(markdown, programs).flatMap((command) =>
    commandProblems(command).map((problem) => `${command.line.trim()}: ${problem}`),
  );
}

function commandProblems({ line, words }: Command): string[] {
  const [program = '', ...given] = words;
  if (program === 'npm') return npmProblems(given, root);
  const table = tables.get(program);
  if (table === undefined) return programs.has(program) ? [] : [`${program} is not a program that people have`];
  const command = readCommand(given, table);
  if (command.problems.length > 0) return [...command.problems];
  const inPod = program === 'kubectl' && command.path === 'exec' ? command.rest : [];
  return [
    ...(program === 'kubectl' ? kubectlProblems(command, known) : []),
    ...(program === 'flux' ? fluxProblems(command, known) : []),
    ...(program === 'helm' ? helmProblems(command, known) : []),
    ...(program === 'talosctl' ? talosProblems(command, known) : []),
    // The talosconfig lists all nodes; without arguments, the command is only named.
    ...(program === 'talosctl' && given.length > 1 && !command.flags.has('-n') && !command.flags.has('--nodes')
      ? ['goes to every node without --nodes']
      : []),
    // What is in a pod is up to its image, unless there is a table.
    ...(tables.has(inPod[0] ?? '') ? commandProblems({ line, words: inPod }) : []),
  ];
}
