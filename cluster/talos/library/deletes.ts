import { isMap, type Json, type JsonMap, textOf } from '../../../gitops/kubernetesObject';
import { DocumentError, typeForm, type Value } from './values';

/** What `$patch: delete` in a document of a patch deletes. */
export interface Deletion {
  /** Keys; empty for the whole document. The last is `[index]` for an item of a list. */
  path: readonly string[];
  /** For an item of a list: its first key and value, that identify it. */
  key: string;
  value: string;
}

/**
 * Takes the deletions out of a document of a patch, by the rules of the Talos library (configloader/internal/decoder/delete.go).
 * @returns the rest; undefined if nothing else is in it
 * @throws DocumentError for a deletion inside of an item of a list
 */
export function takeDeletions(document: JsonMap): { deletions: Deletion[]; rest: JsonMap | undefined } {
  const deletions: Deletion[] = [];
  const rest = take(document, [], false, deletions);
  const isNothing =
    isMap(rest) &&
    Object.entries(rest).every(([key, item]) => ['version', 'kind', 'name'].includes(key) && !isNested(item));
  return { deletions, rest: isMap(rest) && !isNothing ? rest : undefined };
}

function isNested(value: Value): boolean {
  return typeof value === 'object' && value !== null;
}

/** The value without what is deleted; undefined if all of it is. */
function take(value: Json, path: readonly string[], inList: boolean, found: Deletion[]): Json | undefined {
  if (Array.isArray(value)) {
    const kept = value.flatMap((item, index): Json[] => {
      const rest = take(item, [...path, `[${index}]`], true, found);
      return rest === undefined ? [] : [rest];
    });
    return kept.length === 0 && value.length > 0 ? undefined : kept;
  }
  if (!isMap(value)) return value;
  const kept: JsonMap = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '$patch' && item === 'delete') {
      found.push(deletionOf(value, path, inList));
      return undefined;
    }
    const rest = item === undefined ? undefined : take(item, [...path, key], false, found);
    if (rest !== undefined) kept[key] = rest;
  }
  return Object.keys(kept).length === 0 && Object.keys(value).length > 0 ? undefined : kept;
}

function deletionOf(value: JsonMap, path: readonly string[], inList: boolean): Deletion {
  if (!inList) {
    if (path.some((part) => part.startsWith('[')))
      throw new DocumentError(path, '$patch: delete', 'it at an item of a list, not below one');
    return { path, key: '', value: '' };
  }
  const [first] = Object.entries(value).filter(([key, item]) => key !== '$patch' || item !== 'delete');
  if (first === undefined)
    throw new DocumentError(path, '$patch: delete', 'a key next to it that says which item of the list is deleted');
  const [key, item] = first;
  return { path, key, value: textOf(item, JSON.stringify(item)) };
}

/**
 * A value of a type without what is deleted.
 * @throws DocumentError if it is missing, as the library does
 */
export function withoutDeleted(type: string, value: Value, deletion: Deletion, at: readonly string[] = []): Value {
  const [step = '', ...below] = deletion.path.slice(at.length);
  const here = [...at, step];
  const own = typeForm(type);
  if (own.form === 'pointer') {
    if (value === undefined || value === null) throw notThere(here);
    return withoutDeleted(own.of, value, deletion, at);
  }
  if (own.form === 'list') return withoutItem(own.of, value, deletion, here, below);
  const map = isMap(value) ? value : {};
  if (own.form === 'map') {
    if (!(step in map)) throw notThere(here);
    return replaced(map, step, below.length === 0 ? undefined : withoutDeleted(own.of, map[step], deletion, here));
  }
  const field = own.form === 'struct' ? own.fields.find(({ key }) => key === step) : undefined;
  if (field === undefined) {
    // Of a type of its own, only maps can be searched.
    if (!isMap(value) || !(step in map)) throw notThere(here);
    return replaced(map, step, below.length === 0 ? undefined : withoutDeleted('any', map[step], deletion, here));
  }
  return replaced(map, step, below.length === 0 ? undefined : withoutDeleted(field.type, map[step], deletion, here));
}

function withoutItem(
  type: string,
  value: Value,
  { key, value: wanted }: Deletion,
  path: readonly string[],
  below: readonly string[],
): Json[] {
  if (below.length > 0 || !path.at(-1)?.startsWith('['))
    throw new DocumentError(path, '$patch: delete', 'it at an item of the list');
  const items = Array.isArray(value) ? value : [];
  const item = typeForm(type.replace(/^\*/, ''));
  const field = item.form === 'struct' ? item.fields.find((candidate) => candidate.key === key) : undefined;
  // Only texts can be searched for.
  const index = items.findIndex(
    (candidate) => isMap(candidate) && isText(field?.type) && textOf(candidate[key]) === wanted,
  );
  if (index < 0) throw notThere(path);
  return items.filter((_, position) => position !== index);
}

function isText(type: string | undefined): boolean {
  return type === 'string' || type === 'text';
}

function notThere(path: readonly string[]): DocumentError {
  return new DocumentError(path, '$patch: delete', 'something to delete there; Talos refuses it otherwise');
}

function replaced(map: JsonMap, key: string, value: Value): JsonMap {
  const { [key]: _, ...rest } = map;
  return value === undefined ? rest : { ...map, [key]: value };
}
