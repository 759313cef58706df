import type { CommandTable } from './commandTable';

/** A command line as its program reads it. */
export interface ReadCommand {
  /** Its canonical name: `rollout status`. */
  readonly path: string;
  readonly positionals: readonly string[];
  /** Values by flag, in each of their names; `true` without one. */
  readonly flags: ReadonlyMap<string, string | true>;
  /** What follows `--`. */
  readonly rest: readonly string[];
  readonly problems: readonly string[];
}

export const isPlaceholder = (word: string): boolean => /[<$]/.test(word);

/** Reads the words after a program's name. Flags may be anywhere before `--`. */
export function readCommand(words: readonly string[], table: CommandTable): ReadCommand {
  const dashes = words.indexOf('--');
  const own = dashes < 0 ? words : words.slice(0, dashes);
  const takesValue = (flag: string, path: string): boolean | undefined =>
    table.commands.get(path)?.get(flag) ?? table.global.get(flag);
  const problems: string[] = [];
  const path = pathOf(own, table);
  const isGroup = [...table.commands.keys()].some((name) => name.startsWith(path === '' ? '' : `${path} `));
  if (!table.commands.has(path)) {
    const [name = ''] = wordsWithoutFlags(own, table);
    if (!isPlaceholder(name))
      problems.push(name === '' ? 'has no command' : `${name} is not a command of ${table.tool} ${table.version}`);
  }
  const flags = new Map<string, string | true>();
  const positionals: string[] = [];
  let skipped = path === '' ? 0 : path.split(' ').length;
  for (let at = 0; at < own.length; at++) {
    const word = own[at] ?? '';
    if (!/^-./.test(word)) {
      // The names of the command come before its arguments.
      if (skipped > 0) skipped--;
      else positionals.push(word);
      continue;
    }
    for (const { name, value } of flagsOfWord(word, (flag) => takesValue(flag, path))) {
      const known = takesValue(name, path);
      if (known === undefined) problems.push(`${path} has no flag ${name}`);
      const next = known === true && value === undefined ? own[++at] : value;
      if (known === true && next === undefined) problems.push(`${name} needs a value`);
      flags.set(name, next ?? true);
    }
  }
  const [first] = positionals;
  if (isGroup && path !== '' && first !== undefined && !isPlaceholder(first) && isPureGroup(path, table))
    problems.push(`${path} ${first} is not a command of ${table.tool} ${table.version}`);
  return { path, positionals, flags, rest: dashes < 0 ? [] : words.slice(dashes + 1), problems };
}

/** Groups that also do something by themselves take arguments of their own. */
const commandsWithArguments = new Set(['kubectl create', 'kubectl config', 'kubectl set', 'talosctl wipe']);
const isPureGroup = (path: string, { tool }: CommandTable): boolean => !commandsWithArguments.has(`${tool} ${path}`);

/** The longest command that the words without flags begin with. */
function pathOf(words: readonly string[], table: CommandTable): string {
  let path = '';
  for (const word of wordsWithoutFlags(words, table)) {
    const longer = path === '' ? word : `${path} ${word}`;
    const canonical = table.aliases.get(longer) ?? longer;
    if (!table.commands.has(canonical)) return path;
    path = canonical;
  }
  return path;
}

/** A flag takes a value if it does for any command: which one it is, is not known yet. */
function wordsWithoutFlags(words: readonly string[], table: CommandTable): string[] {
  const anywhere = (flag: string): boolean | undefined =>
    table.global.get(flag) ?? [...table.commands.values()].find((flags) => flags.has(flag))?.get(flag);
  const left: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!/^-./.test(word)) left.push(word);
    else if (flagsOfWord(word, anywhere).some(({ name, value }) => value === undefined && anywhere(name) === true))
      at++;
  }
  return left;
}

/** `--name=value`, `-it`, `-nvalue`. */
function flagsOfWord(
  word: string,
  takesValue: (flag: string) => boolean | undefined,
): { name: string; value: string | undefined }[] {
  const [, long, value] = /^(--[\w-]+)(?:=([^]*))?$/.exec(word) ?? [];
  if (long !== undefined) return [{ name: long, value }];
  const found: { name: string; value: string | undefined }[] = [];
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at] ?? ''}`;
    const rest = word.slice(at + 1).replace(/^=/, '');
    if (takesValue(name) !== true) found.push({ name, value: undefined });
    else return [...found, { name, value: rest === '' ? undefined : rest }];
  }
  return found;
}
