import execa from 'execa';
import { tools } from '../../tools/manifest';
import type { CommandTable, Flags } from './commandTable';
import { type Help, readHelp } from './helpText';

/** The programs whose binary the lab has, so that their tables are read from their help. */
export const toolsOfLab = ['kubectl', 'helm', 'pulumi'] as const;
export type ToolOfLab = (typeof toolsOfLab)[number];

/** Commands that runbooks have no use for, with their subcommands; undefined where it is all others. */
const only: Readonly<Record<ToolOfLab, RegExp | undefined>> = {
  kubectl: undefined,
  helm: undefined,
  pulumi: /^(up|preview|refresh|destroy|cancel|import|login|logout|whoami|about|version|stack|state|config)$/,
};
const ignored = new Set(['help', 'completion', 'plugin', 'options']);

/** What the binary says about itself: its commands, two levels deep. */
export async function tableOfTool(tool: ToolOfLab, binary: string): Promise<CommandTable> {
  const help = async (...path: string[]): Promise<Help> => {
    const { stdout, stderr } = await execa(binary, [...path, '--help'], {
      env: { HOME: '/nonexistent' },
      reject: false,
    });
    return readHelp(`${stdout}\n${stderr}`);
  };
  const root = await help();
  const commands = new Map<string, Flags>();
  const aliases = new Map<string, string>();
  let global: Flags = root.globalFlags;
  const add = async (path: readonly string[]): Promise<void> => {
    const { flags, globalFlags, subcommands, aliases: names } = await help(...path);
    const name = path.at(-1);
    for (const other of names.filter((one) => one !== name))
      aliases.set([...path.slice(0, -1), other].join(' '), path.join(' '));
    if (global.size === 0) global = withoutHelp(globalFlags);
    // Those of the commands above it are among the global ones.
    const inherited = [...globalFlags].filter(([name]) => !global.has(name));
    commands.set(path.join(' '), withoutHelp(new Map([...flags, ...inherited])));
    if (path.length < 2) for (const one of subcommands.filter((sub) => !ignored.has(sub))) await add([...path, one]);
  };
  const named = root.subcommands.filter((name) => !ignored.has(name) && (only[tool]?.test(name) ?? true));
  for (const name of named.sort()) await add([name]);
  if (tool === 'kubectl') {
    const { stdout } = await execa(binary, ['options']);
    global = readHelp(stdout).flags;
  }
  const { version } = tools[tool];
  return {
    tool,
    version: version.replace(/^v/, ''),
    source: `${tool} --help`,
    global,
    commands: new Map([...commands].sort(([a], [b]) => (a < b ? -1 : 1))),
    aliases: new Map([...aliases].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function withoutHelp(flags: Flags): Flags {
  return new Map([...flags].filter(([name]) => name !== '-h' && name !== '--help'));
}
