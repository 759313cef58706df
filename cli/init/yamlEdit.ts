import { type Document, isMap, isPair, isScalar, type Pair, parseDocument, Scalar, type YAMLMap } from 'yaml';
import { isAmbiguousScalar } from '../../gitops/yamlFile';

// Changes to YAML files of people: comments, order and everything that is not changed stay as they are.

type Key = string | number;

/** Makes a YAML node of a value; text that YAML 1.1 would not read as text is quoted. */
export function nodeOf(document: Document, value: unknown): unknown {
  const node = document.createNode(value);
  quoteAmbiguous(node);
  return node;
}

function quoteAmbiguous(node: unknown): void {
  if (isScalar(node)) {
    if (typeof node.value === 'string' && isAmbiguousScalar(node.value)) node.type = Scalar.QUOTE_DOUBLE;
  } else if (isPair(node)) quoteAmbiguous(node.value);
  else for (const item of (node as { items?: unknown[] } | null)?.items ?? []) quoteAmbiguous(item);
}

/** Sets a value where it differs: maps key by key, everything else as a whole. */
export function setValue(document: Document, path: readonly Key[], value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isMap(document.getIn(path))) {
    for (const [key, inner] of Object.entries(value)) setValue(document, [...path, key], inner);
    return;
  }
  const node = document.getIn(path, true);
  const current = (node as { toJS?: (document: Document) => unknown } | undefined)?.toJS?.(document);
  if (JSON.stringify(current) === JSON.stringify(value)) return;
  if (isScalar(node) && (typeof value !== 'object' || value === null)) {
    node.value = value;
    quoteAmbiguous(node);
    return;
  }
  document.setIn(path, nodeOf(document, value));
}

/** The text of a document as it was written, with its changes; the old text if it says the same. */
export function textOf(document: Document, before: string | undefined): string {
  const unchanged =
    before !== undefined && JSON.stringify(parseDocument(before).toJS()) === JSON.stringify(document.toJS());
  if (unchanged) return before;
  const indentSeq = before === undefined || !/^(\s*)[^\s#-][^\n]*:\n\1- /m.test(before);
  return document.toString({ lineWidth: 0, indentSeq });
}

/** A pair of a map by its key. */
export function pairOf(map: YAMLMap, key: string): Pair<Scalar<string>, unknown> | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key) as Pair<Scalar<string>> | undefined;
}
