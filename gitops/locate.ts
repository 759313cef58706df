import { type KubernetesObject, groupOf, isMap } from './kubernetesObject';
import { type ObjectPath, type SourceDocument, type Sources, sourcesOf } from './sources';
import type { Location, Tree, TreeObject } from './tree';

/** The document that defines an object, and the object's path in that document. */
interface SourceLocation {
  document: SourceDocument;
  prefix: ObjectPath;
}

/**
 * The source location of an object, or of a field in it: the line of the longest prefix of the path that exists in the
 * object's own document, which lacks what patches add. Line 1 of the file if the document is not found.
 */
export function locate(tree: Tree, { object, file, generated }: TreeObject, path: ObjectPath = []): Location {
  const source = find(sourcesOf(tree), object, file, generated);
  if (source === undefined) return { file, line: 1 };
  const { document, prefix } = source;
  const fullPath = [...prefix, ...(generated ? [] : path)];
  return { file, line: fullPath.length === 0 ? document.line : document.lineOf(fullPath) };
}

/** The value at a path in an object's own document, before substitution; undefined if the path does not exist. */
export function writtenAt(tree: Tree, { object, file, generated }: TreeObject, path: ObjectPath): unknown {
  const source = generated ? undefined : find(sourcesOf(tree), object, file, generated);
  return source?.document.valueAt([...source.prefix, ...path]);
}

/** The text of the scalar at a path in an object's own document, without quotes and before substitution. */
export function writtenText(tree: Tree, { object, file, generated }: TreeObject, path: ObjectPath): string | undefined {
  const source = generated ? undefined : find(sourcesOf(tree), object, file, generated);
  return source?.document.textAt([...source.prefix, ...path]);
}

/**
 * Lines that contain a text, for an object: those in its own document, else in its file, else in the other files that were
 * read for its Kustomization. Empty if no line contains it.
 */
export function locateText(tree: Tree, treeObject: TreeObject, text: string): Location[] {
  const { object, file, generated, kustomization } = treeObject;
  const sources = sourcesOf(tree);
  const linesWithText = (name: string): Location[] =>
    sources.lines(name).flatMap((line, index) => (line.includes(text) ? [{ file: name, line: index + 1 }] : []));
  const inFile = linesWithText(file);
  const document = find(sources, object, file, generated)?.document;
  const inDocument = inFile.filter(
    ({ line }) => document !== undefined && line >= document.line && line < document.end && !generated,
  );
  if (inDocument.length > 0) return inDocument;
  if (inFile.length > 0) return inFile;
  const filesRead = tree.clusters
    .filter(({ objects }) => objects.includes(treeObject))
    .flatMap(({ kustomizations }) => kustomizations.filter(({ id }) => id === kustomization))
    .flatMap(({ files }) => files);
  return [...new Set(filesRead)].flatMap(linesWithText);
}

function find(
  sources: Sources,
  object: KubernetesObject,
  file: string,
  generated: boolean,
): SourceLocation | undefined {
  const documents = sources.documents(file);
  if (generated) return findGenerator(documents, object.metadata.name);
  const all = documents.flatMap(candidates);
  const sameKind = all.filter(({ value }) => value.kind === object.kind && groupOf(value) === groupOf(object));
  const name = (value: KubernetesObject): string => String(value.metadata.name);
  const named = sameKind.filter(({ value }) => name(value) === object.metadata.name);
  const found =
    named.find(({ value }) => value.metadata.namespace === object.metadata.namespace) ??
    named[0] ??
    sameKind.find(({ value }) => couldExpandTo(name(value), object.metadata.name)) ??
    sameKind[0] ??
    (all.length === 1 ? all[0] : undefined);
  if (found !== undefined) return found.source;
  const [only] = documents;
  return documents.length === 1 && only !== undefined ? { document: only, prefix: [] } : undefined;
}

/** The objects of a document: the document itself, or the items of a List. */
function candidates(document: SourceDocument): { value: KubernetesObject; source: SourceLocation }[] {
  const { value } = document;
  const items = isMap(value) && Array.isArray(value['items']) ? value['items'] : undefined;
  const objects: [unknown, ObjectPath][] =
    items === undefined ? [[value, []]] : items.map((item, index) => [item, ['items', index]]);
  return objects.flatMap(([object, prefix]) =>
    isMap(object) && typeof object['apiVersion'] === 'string' && isMap(object['metadata'])
      ? [{ value: object as KubernetesObject, source: { document, prefix } }]
      : [],
  );
}

/** Whether a name with variables, and without its prefix and suffix, can expand to another name. */
function couldExpandTo(written: string, name: string): boolean {
  const parts = written.split(/\$\{[^}]*\}/);
  if (parts.every((part) => part === '')) return false;
  let at = 0;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** The entry of a kustomization file that generates an object, whose name may have a prefix and a hash added. */
function findGenerator(documents: readonly SourceDocument[], name: string): SourceLocation | undefined {
  for (const document of documents) {
    for (const field of ['configMapGenerator', 'secretGenerator']) {
      const entries = isMap(document.value) ? document.value[field] : undefined;
      if (!Array.isArray(entries)) continue;
      const index = entries.findIndex(
        (entry) => isMap(entry) && typeof entry['name'] === 'string' && couldExpandTo(entry['name'], name),
      );
      if (index >= 0) return { document, prefix: [field, index] };
    }
  }
  const [only] = documents;
  return only === undefined ? undefined : { document: only, prefix: [] };
}
