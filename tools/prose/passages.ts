import * as ts from 'typescript';
import { Lexer } from 'yaml';

/** A stretch of prose in a source file: a comment, or a string that reads as a sentence. Offsets are of UTF-16 units. */
export interface Passage {
  start: number;
  end: number;
}

const scriptExtensions = ['.ts', '.js', '.cjs', '.mjs'];
const yamlExtensions = ['.yaml', '.yml'];
export const sourceExtensions = [...scriptExtensions, ...yamlExtensions, '.go'];

/** The prose of a source file, in the order of the file. Throws for an extension that is not one of `sourceExtensions`. */
export function passages(text: string, extension: string): Passage[] {
  if (scriptExtensions.includes(extension)) return joinLineComments(text, scriptPassages(text, extension));
  if (yamlExtensions.includes(extension)) return joinLineComments(text, yamlComments(text));
  if (extension === '.go') return joinLineComments(text, goPassages(text));
  throw new Error(`prose: no reader for ${extension} files; expected one of ${sourceExtensions.join(', ')}`);
}

/** A string without a space is an identifier, a path or a key, not prose. */
const isProse = (text: string) => /\S\s+\S/.test(text);

function scriptPassages(text: string, extension: string): Passage[] {
  const kind = extension === '.ts' ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  const file = ts.createSourceFile(`file${extension}`, text, ts.ScriptTarget.ES2022, false, kind);
  const found = new Map<number, Passage>();
  const add = (start: number, end: number) => found.set(start, { start, end });
  const visited = new Set<number>();
  const comments = (position: number) => {
    if (visited.has(position)) return;
    visited.add(position);
    for (const list of [ts.getLeadingCommentRanges(text, position), ts.getTrailingCommentRanges(text, position)]) {
      for (const comment of list ?? []) add(comment.pos, comment.end);
    }
  };
  const visit = (node: ts.Node): void => {
    comments(node.pos);
    comments(node.end);
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      const start = node.getStart(file) + 1;
      const end = node.end - (text.endsWith('${', node.end) ? 2 : 1);
      if (isProse(text.slice(start, end))) add(start, end);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found.values()].sort((a, b) => a.start - b.start);
}

function yamlComments(text: string): Passage[] {
  const found: Passage[] = [];
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    // The lexer's own marks (of a document, of a scalar, of an error in a flow) are not part of the text.
    if (/^[\u0002\u0018\u001f]/.test(token)) continue;
    if (token.startsWith('#')) found.push({ start: offset, end: offset + token.length });
    offset += token.length;
  }
  return found;
}

function goPassages(text: string): Passage[] {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+'/g;
  return [...text.matchAll(token)]
    .filter(([found]) => found.startsWith('/') || (!found.startsWith("'") && isProse(found)))
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** Line comments on consecutive lines are one passage, so that a phrase is found across the line break. */
function joinLineComments(text: string, found: Passage[]): Passage[] {
  const joined: Passage[] = [];
  for (const passage of found) {
    const last = joined.at(-1);
    const mark = /^(?:\/\/|#)/.exec(text.slice(passage.start, passage.start + 2))?.[0];
    const continues =
      last && mark && text.startsWith(mark, last.start) && /^\n[ \t]*$/.test(text.slice(last.end, passage.start));
    if (continues) last.end = passage.end;
    else joined.push({ ...passage });
  }
  return joined;
}
