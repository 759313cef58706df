import type { TextlintMessage } from '@textlint/types';
import { passages, sourceExtensions } from './passages';

/** textlint plugin: the comments and message strings of TypeScript, JavaScript, YAML and Go files as text. */
class SourceProcessor {
  availableExtensions(): string[] {
    return sourceExtensions;
  }

  processor(extension: string) {
    return {
      preProcess: (text: string) => document(text, extension),
      postProcess: (messages: TextlintMessage[], filePath?: string) => ({ messages, filePath: filePath ?? '<text>' }),
    };
  }
}

/** A textlint document with one string node for each passage. */
function document(text: string, extension: string) {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  let line = 0;
  const position = (offset: number) => {
    while (line > 0 && (lineStarts[line] ?? 0) > offset) line -= 1;
    while ((lineStarts[line + 1] ?? Infinity) <= offset) line += 1;
    return { line: line + 1, column: offset - (lineStarts[line] ?? 0) };
  };
  const node = (type: string, start: number, end: number) => ({
    type,
    raw: text.slice(start, end),
    range: [start, end] as const,
    loc: { start: position(start), end: position(end) },
  });
  return {
    ...node('Document', 0, text.length),
    children: passages(text, extension).map(({ start, end }) => ({
      ...node('Str', start, end),
      value: text.slice(start, end),
    })),
  };
}

export default { Processor: SourceProcessor };
