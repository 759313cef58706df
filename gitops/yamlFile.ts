import { join } from 'node:path';
import { type Document, LineCounter, isAlias, isScalar, parseAllDocuments, visit } from 'yaml';
import { ManifestError, Problems } from './manifestError';
import { printable } from './plainText';
import { TextFileError, readTextFile } from './textFile';

/** One YAML document of a file, with what is needed to report line numbers. */
export interface YamlDocument {
  /** Path relative to the repository root, with `/` separators. */
  file: string;
  /** 1-based first line of the document's content. */
  line: number;
  /** The document's own text. */
  text: string;
  /** The parsed document, for source positions. */
  document: Document;
  /** The document as plain data. */
  value: unknown;
  /** 1-based line of an offset in the file. */
  lineAt(offset: number): number;
}

// Scalars that YAML 1.1 parsers (such as Go's) and YAML 1.2 parsers read as different values. Versions and addresses, which
// both read as strings, do not match.
const ambiguous =
  /^(?:y|n|yes|no|on|off|[-+]?0[0-9_]+|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*_[0-9_]*|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?)$/i;

/** Whether YAML 1.1 and YAML 1.2 parsers read a plain (unquoted) scalar as different values. */
export function isAmbiguousScalar(text: string): boolean {
  return ambiguous.test(text);
}

/**
 * Reads a YAML file of the repository. Throws a ManifestError for a missing file, invalid YAML, a duplicate key, an alias,
 * or a scalar that Flux would read differently than this program.
 */
export function readYamlFile(repoRoot: string, file: string): YamlDocument[] {
  const text = readText(repoRoot, file);
  const known = parsedFiles.get(file);
  const documents = known?.text === text ? known.documents : parseForFlux(file, text);
  parsedFiles.set(file, { text, documents });
  // Callers change the values.
  return documents.map((entry) => ({ ...entry, value: entry.document.toJS() as unknown }));
}

/** The files of this run as they were last read: the clusters share most of them, and several readers want each. */
const parsedFiles = new Map<string, { text: string; documents: YamlDocument[] }>();

function parseForFlux(file: string, text: string): YamlDocument[] {
  const problems = new Problems();
  const documents = parseYaml(file, text, problems);
  for (const parsed of documents) {
    visit(parsed.document, (_, node) => {
      const place = `${file}:${parsed.lineAt(rangeStart(node))}`;
      if (isAlias(node))
        problems.add(place, `alias *${printable(node.source, 80)} is not supported; write the value instead`);
      if (isScalar(node) && node.type === 'PLAIN' && isAmbiguousScalar(node.source ?? '')) {
        problems.add(
          place,
          `\`${printable(node.source ?? '', 80)}\` is ambiguous: YAML 1.1 and 1.2 parsers read it differently; quote it, or write true, false or a plain decimal number`,
        );
      }
    });
  }
  problems.throwIfAny();
  return documents;
}

/**
 * Reads a file with one YAML document that Flux does not read, as plain data; undefined for an empty file. Throws a
 * ManifestError for a missing file, invalid YAML, a duplicate key or a second document.
 */
export function readPlainYaml(folder: string, file: string): unknown {
  const text = readText(folder, file);
  const problems = new Problems();
  const documents = parseYaml(file, text, problems);
  const [, second] = documents;
  if (second !== undefined) problems.add(`${file}:${second.line}`, 'a second document starts here; keep one');
  problems.throwIfAny();
  try {
    const value = documents[0]?.document.toJS() as unknown;
    // Throws for an alias to what contains it.
    JSON.stringify(value);
    return value;
  } catch {
    throw new ManifestError([`${file}: its aliases expand without end; write the values instead`]);
  }
}

/** The text of a file. Throws a ManifestError if it has none. */
function readText(folder: string, file: string): string {
  try {
    return readTextFile(join(folder, file));
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new ManifestError([`${file}: ${error.message}`]);
  }
}

/** Parses the non-empty documents of a file without converting them; adds what is not YAML to `problems`. */
function parseYaml(file: string, text: string, problems: Problems): YamlDocument[] {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const documents: YamlDocument[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    // Syntax errors after the first mostly follow from it.
    const [syntax, duplicates] = [false, true].map((isDuplicate) =>
      [...document.errors, ...document.warnings].filter(({ code }) => (code === 'DUPLICATE_KEY') === isDuplicate),
    );
    for (const error of [...(syntax ?? []).slice(0, 1), ...(duplicates ?? [])]) {
      const [start] = error.pos;
      const key = /^[^:\s]*/.exec(text.slice(start))?.[0] ?? '';
      const what =
        error.code === 'DUPLICATE_KEY'
          ? `duplicate key ${printable(key, 80)}; keep one of the two`
          : `${printable(firstSentence(error.message), 200)}; fix the YAML`;
      problems.add(`${file}:${lineAt(start)}`, what);
    }
    if (document.contents === null) continue;
    const start = rangeStart(document.contents);
    const end = document.range[2];
    documents.push({ file, line: lineAt(start), text: text.slice(start, end), document, value: undefined, lineAt });
  }
  return documents;
}

/** 1-based line of the node at a path of keys, or of the document if there is no such node. */
export function lineOf(document: YamlDocument, path: readonly (string | number)[]): number {
  const node = document.document.getIn(path, true);
  const start = typeof node === 'object' && node !== null ? rangeStart(node) : undefined;
  return start === undefined ? document.line : document.lineAt(start);
}

function rangeStart(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range?.[0] ?? 0;
}

function firstSentence(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/[.:]$/, '');
}
