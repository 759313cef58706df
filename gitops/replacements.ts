import { type BuiltObject, type Json, isMap, valueAt } from './kubernetesObject';
import { ManifestError } from './manifestError';
import { PatchError, type PatchTarget, matchesTarget, readTarget } from './patch';

/** Which part of a text is replaced: the one at `index` between delimiters. */
interface LabProcess {
  delimiter: string;
  index: number;
}

/**
 * Applies kustomize's `replacements` in the one form that is used here: one field of one object into fields that other
 * objects have already, whole or the part between delimiters. As in kustomize a field keeps its type: text that reads as a
 * boolean or a number becomes one where one was. Throws a ManifestError for any other form, and for what selects nothing.
 */
export function applyReplacements(objects: readonly BuiltObject[], value: Json | undefined, place: string): void {
  if (value === undefined) return;
  try {
    for (const entry of listAt(value, 'replacements')) {
      const text = sourceText(objects, valueAt(entry, 'source'));
      for (const target of listAt(valueAt(entry, 'targets'), 'targets')) replaceIn(objects, target, text);
    }
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new ManifestError([`${place}: replacements: ${error.message}`]);
  }
}

function sourceText(objects: readonly BuiltObject[], source: Json | undefined): string {
  if (!isMap(source)) throw new PatchError('only `source` with a `fieldPath` is supported');
  const { fieldPath, ...rest } = source;
  const path = readPath(fieldPath);
  const found = objects.filter(({ object }) => matchesTarget(readTarget(rest), object));
  const [from] = found;
  if (from === undefined || found.length > 1) throw new PatchError(`source ${describe(rest)} must be one object`);
  const text = valueAt(from.object, ...path);
  if (typeof text !== 'string') throw new PatchError(`${from.object.metadata.name} has no text at ${path.join('.')}`);
  return text;
}

function replaceIn(objects: readonly BuiltObject[], target: Json, text: string): void {
  const select = valueAt(target, 'select') ?? {};
  const chosen: PatchTarget = readTarget(select);
  const part = readProcess(valueAt(target, 'options'));
  const matching = objects.filter(({ object }) => matchesTarget(chosen, object));
  if (matching.length === 0) throw new PatchError(`there is no object ${describe(select)}`);
  for (const path of listAt(valueAt(target, 'fieldPaths'), 'fieldPaths').map(readPath)) {
    for (const { object } of matching) {
      if (!replaceAt(object, path, part, text)) {
        throw new PatchError(`${object.metadata.name} has no field ${path.join('.')} for it`);
      }
    }
  }
}

/** Puts a text where a value is, in the type of that value; whether there was one. */
function replaceAt(object: Json, path: readonly string[], part: LabProcess | undefined, text: string): boolean {
  let parent: Json | undefined = object;
  for (const key of path.slice(0, -1)) parent = Array.isArray(parent) ? parent[Number(key)] : valueAt(parent, key);
  const field = path.at(-1) ?? '';
  const before = isMap(parent) ? parent[field] : undefined;
  if (!isMap(parent) || before === undefined) return false;
  if (typeof before !== 'string') {
    parent[field] = JSON.parse(text) as Json;
    return true;
  }
  const parts = part === undefined ? [before] : before.split(part.delimiter);
  const index = part?.index ?? 0;
  if (parts[index] === undefined) return false;
  parts[index] = text;
  parent[field] = parts.join(part?.delimiter);
  return true;
}

function readProcess(options: Json | undefined): LabProcess | undefined {
  if (options === undefined) return undefined;
  const { delimiter, index = 0, ...rest } = isMap(options) ? options : {};
  if (typeof delimiter !== 'string' || typeof index !== 'number' || Object.keys(rest).length > 0) {
    throw new PatchError('of `options` only `delimiter` and `index` are supported');
  }
  return { delimiter, index };
}

function readPath(value: Json | undefined): string[] {
  if (typeof value !== 'string' || /[[\]*\\]/.test(value)) {
    throw new PatchError('a field path must be plain names and indexes with dots between them');
  }
  return value.split('.');
}

function listAt(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new PatchError(`\`${name}\` must be a list`);
  return value;
}

function describe(selector: Json): string {
  return isMap(selector)
    ? Object.values(selector)
        .filter((part) => typeof part === 'string')
        .join(' ')
    : '';
}
