import { type Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, parseDocument } from 'yaml';
import type { Json } from './kubernetesObject';
import type { Tree } from './tree';

/** A path in an object: map keys and list indexes. */
export type ObjectPath = readonly (string | number)[];

/** One YAML document of a file. */
export interface SourceDocument {
  /** 1-based first line of its content. */
  line: number;
  /** The line after its last line. */
  end: number;
  /** The document as plain data, before substitution. */
  value: unknown;
  /** 1-based line of the value at a path, or of the longest prefix of the path that exists. */
  lineOf(path: ObjectPath): number;
  /** The value at a path; undefined if the path does not exist. */
  valueAt(path: ObjectPath): unknown;
  /** The text of the scalar at a path, without quotes: `1.20`, where the value is 1.2; undefined if there is none. */
  textAt(path: ObjectPath): string | undefined;
}

/**
 * The files of a tree as text and as YAML, each read and parsed lazily and only once. More lenient than `readYamlFile`: a
 * missing or invalid file has no documents, and aliases are resolved.
 */
export class Sources {
  private readonly texts = new Map<string, string[]>();
  private readonly parsed = new Map<string, SourceDocument[]>();

  constructor(private readonly read: (file: string) => string | undefined) {}

  /** The lines of a file without line breaks; empty if the file does not exist. */
  lines(file: string): readonly string[] {
    let lines = this.texts.get(file);
    if (lines === undefined) {
      lines = this.read(file)?.split(/\r?\n/) ?? [];
      this.texts.set(file, lines);
    }
    return lines;
  }

  /** The non-empty documents of a file. */
  documents(file: string): readonly SourceDocument[] {
    let documents = this.parsed.get(file);
    if (documents === undefined) {
      documents = parse(this.read(file) ?? '');
      this.parsed.set(file, documents);
    }
    return documents;
  }
}

/** 1-based line of the first YAML syntax error in a text; undefined if the text has no error. */
export function firstBadLine(text: string): number | undefined {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' });
  const [first] = Array.isArray(documents) ? documents.flatMap(({ errors }) => errors) : [];
  return first === undefined ? undefined : counter.linePos(first.pos[0]).line;
}

/** The only document of a text as plain data; undefined if the text is not YAML, or has several documents. */
export function parseText(text: string): Json | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  return document.errors.length > 0 ? undefined : ((plain(document) ?? null) as Json);
}

const cache = new WeakMap<Tree, Sources>();

/** The sources of a tree, cached for each tree. */
export function sourcesOf(tree: Tree): Sources {
  let sources = cache.get(tree);
  if (sources === undefined) {
    sources = new Sources((file) => tree.read(file));
    cache.set(tree, sources);
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
        textAt: (path: ObjectPath) => {
          const { node } = walk(document, path);
          return isScalar(node) ? node.source : undefined;
        },
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

/** Follows a path. `offset` is the start of the last part that exists, `node` the value at the full path. */
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

/** The map entry the path continues with. A key that contains dots may span several steps of the path. */
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
