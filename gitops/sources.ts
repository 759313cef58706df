import { type Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Tree } from './tree';

/** A place in an object: keys of maps, indexes of lists. */
export type ObjectPath = readonly (string | number)[];

/** One document of a file. */
export interface SourceDocument {
  /** First line of its content, from 1. */
  line: number;
  /** Line after its last one. */
  end: number;
  /** The document as plain data, with variables as written. */
  value: unknown;
  /** The line of the part that a path names, or of the longest part of the path that is there; from 1. */
  lineOf(path: ObjectPath): number;
  /** What is written at a path; undefined where it ends early. */
  valueAt(path: ObjectPath): unknown;
}

/**
 * The files of a tree as text and as YAML, each read and parsed once and only when asked for. Unlike `readYamlFile` it
 * refuses nothing: a file that is not there or is no YAML has no documents, and aliases are followed.
 */
export class Sources {
  private readonly texts = new Map<string, string[]>();
  private readonly parsed = new Map<string, SourceDocument[]>();

  constructor(private readonly read: (file: string) => string | undefined) {}

  /** The lines of a file without their ends; none when it is not there. */
  lines(file: string): readonly string[] {
    let lines = this.texts.get(file);
    if (lines === undefined) {
      lines = this.read(file)?.split(/\r?\n/) ?? [];
      this.texts.set(file, lines);
    }
    return lines;
  }

  /** The documents of a file that hold anything. */
  documents(file: string): readonly SourceDocument[] {
    let documents = this.parsed.get(file);
    if (documents === undefined) {
      documents = parse(this.read(file) ?? '');
      this.parsed.set(file, documents);
    }
    return documents;
  }
}

/** The line of the first place in a text that is no YAML; undefined when all of it is. */
export function firstBadLine(text: string): number | undefined {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' });
  const [first] = Array.isArray(documents) ? documents.flatMap(({ errors }) => errors) : [];
  return first === undefined ? undefined : counter.linePos(first.pos[0]).line;
}

const known = new WeakMap<Tree, Sources>();

/** The sources of a tree; always the same for the same tree. */
export function sourcesOf(tree: Tree): Sources {
  let sources = known.get(tree);
  if (sources === undefined) {
    sources = new Sources((file) => tree.read(file));
    known.set(tree, sources);
  }
  return sources;
}

function parse(text: string): SourceDocument[] {
  const counter = new LineCounter();
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const parsed = parseAllDocuments(text, {
    lineCounter: counter,
    uniqueKeys: false,
    prettyErrors: false,
    strict: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document) => {
    const start = document.contents?.range?.[0];
    if (start === undefined) return [];
    const line = lineAt(start);
    return [
      {
        line,
        end: lineAt(document.range[1]) + 1,
        value: plain(document),
        lineOf: (path: ObjectPath) => lineAt(walk(document, path).offset ?? start),
        valueAt: (path: ObjectPath) => toPlain(document, walk(document, path).node),
      },
    ];
  });
}

function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch {
    return undefined;
  }
}

function toPlain(document: Document, node: unknown): unknown {
  if (isScalar(node)) return node.value;
  if (!isMap(node) && !isSeq(node)) return undefined;
  try {
    return node.toJS(document, { maxAliasCount: 1000 }) as unknown;
  } catch {
    return undefined;
  }
}

/** Follows a path. `offset` is where the last part that is there begins, `node` what the whole path names. */
function walk(document: Document, path: ObjectPath): { offset?: number; node?: unknown } {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (let at = 0; at < path.length; at += 1) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const step = stepInto(node.items, path, at);
      if (step === undefined) return { offset };
      ({ node, offset = offset } = step);
      at = step.last;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(path[at])];
      if (item === undefined) return { offset };
      node = item;
      offset = startOf(item) ?? offset;
    } else return { offset };
  }
  return { offset, node: isAlias(node) ? node.resolve(document) : node };
}

type Items = readonly { key: unknown; value: unknown }[];

/** The entry of a map that a path goes on with. A key that itself holds dots may have come apart in the path. */
function stepInto(
  items: Items,
  path: ObjectPath,
  at: number,
): { node: unknown; offset?: number; last: number } | undefined {
  for (let last = at; last < path.length; last += 1) {
    const name = path.slice(at, last + 1).join('.');
    const item = items.find(({ key }) => String(isScalar(key) ? key.value : key) === name);
    if (item !== undefined) return { node: item.value, offset: startOf(item.key), last };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0];
}
