import { parseAllDocuments } from 'yaml';
import { isMap, type JsonMap, textOf } from '../../../gitops/kubernetesObject';
import { takeDeletions, withoutDeleted, type Deletion } from './deletes';
import { merge } from './merge';
import { libraryTypes } from './types';
import { decode, DocumentError, encode, type Value } from './values';

/** A document of a configuration or of a patch, read as its type. */
interface Document {
  kind: string;
  type: string;
  /** Absent for a kind without names. */
  name: string;
  value: Value;
}

/**
 * A configuration with patches, merged by the rules of the Talos library: documents of one kind and name are merged, others
 * appended.
 * @param base documents of a configuration
 * @param patches YAML, each of one or more documents
 * @returns the documents as the library writes them
 * @throws DocumentError for what the library refuses
 */
export function patchConfiguration(base: readonly JsonMap[], patches: readonly string[]): JsonMap[] {
  const merged = patches.reduce(applyPatch, base.map(read));
  const [main, others] = [
    merged.filter(({ kind }) => kind === 'v1alpha1'),
    merged.filter(({ kind }) => kind !== 'v1alpha1'),
  ];
  return [...main, ...others].map(({ type, value }) => encode(type, value) as JsonMap);
}

function applyPatch(configuration: readonly Document[], text: string): Document[] {
  let documents = [...configuration];
  // What a patch appends is not merged with what follows in the same patch.
  const before = new Map(documents.map((document) => [identityOf(document), document]));
  for (const content of parsePatch(text)) {
    const { deletions, rest } = takeDeletions(content);
    const target = before.get(identityOf(identify(content)));
    for (const deletion of deletions) documents = applyDeletion(documents, target, deletion);
    if (rest === undefined) continue;
    const added = read(rest);
    if (target === undefined || !documents.includes(target)) documents.push(added);
    else target.value = merge(target.type, target.value, added.value);
  }
  return documents;
}

function applyDeletion(documents: Document[], target: Document | undefined, deletion: Deletion): Document[] {
  if (target === undefined || !documents.includes(target))
    throw new DocumentError(deletion.path, '$patch: delete', 'a document of this kind and name in the configuration');
  if (deletion.path.length === 0) {
    if (target.kind === 'v1alpha1') throw new DocumentError([], '$patch: delete', 'it at a part of this document');
    return documents.filter((document) => document !== target);
  }
  target.value = withoutDeleted(target.type, target.value, deletion);
  return documents;
}

function parsePatch(text: string): JsonMap[] {
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new DocumentError([], error.message, 'YAML');
    const content = document.toJS() as unknown;
    if (content === null) return [];
    if (!isMap(content)) throw new DocumentError([], content, 'a map');
    return [content];
  });
}

function identify(content: JsonMap): Omit<Document, 'value'> {
  const kind = textOf(content['kind'], 'v1alpha1');
  const known = libraryTypes.documents[kind];
  if (known === undefined || (kind !== 'v1alpha1' && content['apiVersion'] !== 'v1alpha1')) {
    throw new DocumentError(
      ['kind'],
      kind,
      `a kind of document of Talos ${libraryTypes.library}, with apiVersion v1alpha1`,
    );
  }
  return { kind, type: known.type, name: known.named ? textOf(content['name']) : '' };
}

function read(content: JsonMap): Document {
  const identity = identify(content);
  return { ...identity, value: decode(identity.type, content, []) };
}

function identityOf({ kind, name }: Omit<Document, 'value'>): string {
  return `${kind} ${name}`;
}
