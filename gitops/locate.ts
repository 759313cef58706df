import { type KubernetesObject, groupOf, isMap } from './kubernetesObject';
import { type ObjectPath, type SourceDocument, type Sources, sourcesOf } from './sources';
import type { Location, Tree, TreeObject } from './tree';

/** An object's own document in its file, and where in that document it begins. */
interface Written {
  document: SourceDocument;
  prefix: ObjectPath;
}

/**
 * Where an object, or a part of it, is written: the line of the longest part of the path that stands in the object's own
 * document (what patches add does not). Line 1 of its file when the document is not found.
 */
export function locate(tree: Tree, { object, file, generated }: TreeObject, path: ObjectPath = []): Location {
  const written = find(sourcesOf(tree), object, file, generated);
  if (written === undefined) return { file, line: 1 };
  const { document, prefix } = written;
  const whole = [...prefix, ...(generated ? [] : path)];
  return { file, line: whole.length === 0 ? document.line : document.lineOf(whole) };
}

/** What is written at a place in an object's own document, with variables as written; undefined when it is not there. */
export function writtenAt(tree: Tree, { object, file, generated }: TreeObject, path: ObjectPath): unknown {
  const written = generated ? undefined : find(sourcesOf(tree), object, file, generated);
  return written?.document.valueAt([...written.prefix, ...path]);
}

/**
 * Where a text is written for an object: the lines of its own document that hold it, else of its file, else of the other
 * files that were read for its Kustomization. Empty when it stands nowhere.
 */
export function locateText(tree: Tree, treeObject: TreeObject, text: string): Location[] {
  const { object, file, generated, kustomization } = treeObject;
  const sources = sourcesOf(tree);
  const holding = (name: string): Location[] =>
    sources.lines(name).flatMap((line, index) => (line.includes(text) ? [{ file: name, line: index + 1 }] : []));
  const own = holding(file);
  const document = find(sources, object, file, generated)?.document;
  const inside = own.filter(
    ({ line }) => document !== undefined && line >= document.line && line < document.end && !generated,
  );
  if (inside.length > 0) return inside;
  if (own.length > 0) return own;
  const read = tree.clusters
    .filter(({ objects }) => objects.includes(treeObject))
    .flatMap(({ kustomizations }) => kustomizations.filter(({ id }) => id === kustomization))
    .flatMap(({ files }) => files);
  return [...new Set(read)].flatMap(holding);
}

function find(sources: Sources, object: KubernetesObject, file: string, generated: boolean): Written | undefined {
  const documents = sources.documents(file);
  if (generated) return findGenerator(documents, object.metadata.name);
  const all = documents.flatMap(candidates);
  const sameKind = all.filter(({ value }) => value.kind === object.kind && groupOf(value) === groupOf(object));
  const name = (value: KubernetesObject): string => String(value.metadata.name);
  const named = sameKind.filter(({ value }) => name(value) === object.metadata.name);
  const found =
    named.find(({ value }) => value.metadata.namespace === object.metadata.namespace) ??
    named[0] ??
    sameKind.find(({ value }) => mayBecome(name(value), object.metadata.name)) ??
    sameKind[0] ??
    (all.length === 1 ? all[0] : undefined);
  if (found !== undefined) return found.written;
  const [only] = documents;
  return documents.length === 1 && only !== undefined ? { document: only, prefix: [] } : undefined;
}

/** The objects of a document: itself, or the items of a List. */
function candidates(document: SourceDocument): { value: KubernetesObject; written: Written }[] {
  const { value } = document;
  const items = isMap(value) && Array.isArray(value['items']) ? value['items'] : undefined;
  const objects: [unknown, ObjectPath][] =
    items === undefined ? [[value, []]] : items.map((item, index) => [item, ['items', index]]);
  return objects.flatMap(([object, prefix]) =>
    isMap(object) && typeof object['apiVersion'] === 'string' && isMap(object['metadata'])
      ? [{ value: object as KubernetesObject, written: { document, prefix } }]
      : [],
  );
}

/** Whether a name as written, with variables and without prefix and suffix, can have become another. */
function mayBecome(written: string, name: string): boolean {
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

/** The entry of a kustomization file that generates an object; its name may have got a prefix and a hash. */
function findGenerator(documents: readonly SourceDocument[], name: string): Written | undefined {
  for (const document of documents) {
    for (const field of ['configMapGenerator', 'secretGenerator']) {
      const entries = isMap(document.value) ? document.value[field] : undefined;
      if (!Array.isArray(entries)) continue;
      const index = entries.findIndex(
        (entry) => isMap(entry) && typeof entry['name'] === 'string' && mayBecome(entry['name'], name),
      );
      if (index >= 0) return { document, prefix: [field, index] };
    }
  }
  const [only] = documents;
  return only === undefined ? undefined : { document: only, prefix: [] };
}
