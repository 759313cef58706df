import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const entrySchema = z.strictObject({
  /** Literal words. */
  phrase: z.string().optional(),
  /** Instead of `phrase`: a regular expression. */
  pattern: z.string().optional(),
  use: z.string(),
});

const wordListSchema = z.strictObject({ words: z.array(entrySchema).min(1) });

export type WordListEntry = z.infer<typeof entrySchema>;

/** The phrases to avoid, as one expression whose group `w<n>` belongs to the n-th entry. */
export interface WordList {
  expression: RegExp;
  entries: WordListEntry[];
}

/** An occurrence of a phrase of the word list. `index` and `length` are in UTF-16 units. */
export interface Hit {
  index: number;
  length: number;
  found: string;
  use: string;
}

/** White space, and the comment mark of the next line if the phrase is wrapped there. */
const gap = String.raw`\s+(?:(?://|#|\*)\s+)?`;

/** Reads and compiles the word list. Throws if the file is malformed or a pattern is not a regular expression. */
export function readWordList(path: string): WordList {
  return compileWordList(wordListSchema.parse(parse(readFileSync(path, 'utf8'))).words);
}

/** Throws if an entry has both or neither of `phrase` and `pattern`, or an invalid pattern. */
export function compileWordList(entries: WordListEntry[]): WordList {
  const groups = entries.map((entry, index) => `(?<w${index}>${source(entry).replaceAll(' ', gap)})`);
  return { expression: new RegExp(String.raw`(?<![\w-])(?:${groups.join('|')})(?![\w-])`, 'gi'), entries };
}

function source({ phrase, pattern, use }: WordListEntry): string {
  if ((phrase === undefined) === (pattern === undefined)) {
    throw new Error(`word list, entry with use "${use}": found both or neither of phrase and pattern, expected one`);
  }
  if (pattern === undefined) return (phrase ?? '').replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  new RegExp(pattern);
  return pattern;
}

/** Code in backquotes, or a quoted key such as 'detours'. */
const code = /`[^`\n]*`|(['"])[\w.-]+\1/g;

/** Every phrase of the word list in a text. Skips code. */
export function findHits(text: string, { expression, entries }: WordList): Hit[] {
  const prose = text.replace(code, (found) => '`'.repeat(found.length));
  return [...prose.matchAll(expression)].map((match) => {
    const group = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0] ?? '';
    return {
      index: match.index,
      length: match[0].length,
      found: match[0].replace(new RegExp(gap, 'g'), ' '),
      use: entries[Number(group.slice(1))]?.use ?? '',
    };
  });
}
