import type { Flags } from './commandTable';

/** What the help of a command says. */
export interface Help {
  readonly subcommands: readonly string[];
  /** Other names of the command itself. */
  readonly aliases: readonly string[];
  readonly flags: Flags;
  readonly globalFlags: Flags;
}

/** Reads the help of a command of kubectl, or of any other program that is made with cobra and has not changed its template. */
export function readHelp(text: string): Help {
  const sections = text.split(/^(?=\S[^\n]*:\n)/m);
  const linesOf = (title: RegExp): string[] =>
    sections.filter((section) => title.test(section)).flatMap((section) => section.split('\n').slice(1));
  return {
    subcommands: linesOf(/^[\w ()]*Commands[\w ()]*:\n/).flatMap(
      (line) => /^ {2,4}([a-z][\w-]*) +\S/.exec(line)?.[1] ?? [],
    ),
    aliases: linesOf(/^Aliases:\n/)
      .join(' ')
      .split(/[\s,]+/)
      .filter((name) => name !== ''),
    flags: new Map(linesOf(/^(Flags|Options|The following options[^\n]*):\n/).flatMap(readFlag)),
    globalFlags: new Map(linesOf(/^Global Flags:\n/).flatMap(readFlag)),
  };
}

/** `-n, --namespace string   text`, or kubectl's `-n, --namespace='':`, by each of its names. */
function readFlag(line: string): [string, boolean][] {
  const [, short, long, kubectls, cobras] =
    /^ {2,}(?:-(\w), )?--([\w-]+)(?:=(.*):$|(?: (\S.*?))?(?: {2,}|$))/.exec(line) ?? [];
  if (long === undefined) return [];
  // `string[="true"]`: a value is only taken from `--refresh=false`.
  const takesValue = !['true', 'false', undefined].includes(kubectls ?? cobras) && cobras?.includes('[=') !== true;
  return [...(short === undefined ? [] : [[`-${short}`, takesValue] as [string, boolean]]), [`--${long}`, takesValue]];
}
