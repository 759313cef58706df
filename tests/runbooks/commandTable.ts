import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Flags by each of their names, `-n` and `--namespace`: whether they take a value. */
export type Flags = ReadonlyMap<string, boolean>;

/** What a program accepts. */
export interface CommandTable {
  readonly tool: string;
  readonly version: string;
  /** Where this was read. */
  readonly source: string;
  /** Flags of every command. */
  readonly global: Flags;
  /** Flags by command: `get`, `rollout status`. */
  readonly commands: ReadonlyMap<string, Flags>;
  /** Commands by their other names: `get ks` is `get kustomizations`. */
  readonly aliases: ReadonlyMap<string, string>;
}

interface TableFile {
  readonly version: string | number;
  readonly source: string;
  readonly global?: string;
  readonly commands: Readonly<Record<string, string>>;
  readonly aliases?: Readonly<Record<string, string>>;
}

export const tableFolder = join(__dirname, '..', 'fixtures', 'runbooks');
const fileOf = (tool: string): string => join(tableFolder, `${tool}.yaml`);

export function readTable(tool: string): CommandTable {
  const {
    version,
    source,
    global = '',
    commands,
    aliases = {},
  } = parse(readFileSync(fileOf(tool), 'utf8')) as TableFile;
  return {
    tool,
    version: `${version}`,
    source,
    global: flagsOf(global),
    commands: new Map(Object.entries(commands).map(([path, flags]) => [path, flagsOf(flags)])),
    aliases: new Map(Object.entries(aliases)),
  };
}

/** `-n/--namespace=` takes a value, `-A/--all-namespaces` does not. */
export function flagsOf(text: string): Flags {
  return new Map(
    text
      .split(' ')
      .filter((word) => word !== '')
      .flatMap((word) => {
        const takesValue = word.endsWith('=');
        return word
          .replace(/=$/, '')
          .split('/')
          .map((name): [string, boolean] => [name, takesValue]);
      }),
  );
}

/** The reverse. The short name of a flag comes before its long one. */
export function flagsText(flags: Flags): string {
  let text = '';
  for (const [name, takesValue] of flags)
    text += name.startsWith('--') ? `${name}${takesValue ? '=' : ''} ` : `${name}/`;
  return text.trimEnd();
}

/** The text of a table's file. */
export function tableText({ version, source, global, commands, aliases }: CommandTable): string {
  const texts = (flags: ReadonlyMap<string, Flags>): object =>
    Object.fromEntries([...flags].map(([path, own]) => [path, flagsText(own)]));
  const data = {
    version,
    source,
    global: flagsText(global),
    commands: texts(commands),
    ...(aliases.size > 0 && { aliases: Object.fromEntries(aliases) }),
  };
  return stringify(data, { lineWidth: 120 });
}
