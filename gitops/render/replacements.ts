import { type BuiltObject, type Json, isMap, valueAt } from '../kubernetesObject';
import { ManifestError } from '../manifestError';
import { PatchError, type PatchTarget, matchesTarget, readTarget } from './patch';

/** The segment of a string to replace: the one at `index` when split by `delimiter`. */
interface Segment {
  delimiter: string;
  index: number;
}

/**
 * Applies kustomize's `replacements` in the only form used here: copies one field of one object into existing fields of
 * other objects, either the full value or one segment of it. As in kustomize, the target keeps its type: a string that
 * replaces a boolean or a number is parsed. Throws a ManifestError for any other form, and for selectors without a match.
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
  const matching = objects.filter(({ object }) => matchesTarget(readTarget(rest), object));
  const [from] = matching;
  if (from === undefined || matching.length > 1)
    throw new PatchError(`source ${describe(rest)} must match exactly one object`);
  const text = valueAt(from.object, ...path);
  if (typeof text !== 'string') throw new PatchError(`${from.object.metadata.name} has no string at ${path.join('.')}`);
  return text;
}

function replaceIn(objects: readonly BuiltObject[], target: Json, text: string): void {
  const select = valueAt(target, 'select') ?? {};
  const selector: PatchTarget = readTarget(select);
  const segment = readSegment(valueAt(target, 'options'));
  const matching = objects.filter(({ object }) => matchesTarget(selector, object));
  for (const path of listAt(valueAt(target, 'fieldPaths'), 'fieldPaths').map(readPath)) {
    for (const { object } of matching) {
      if (!replaceAt(object, path, segment, text)) {
        throw new PatchError(`${object.metadata.name} has no field ${path.join('.')} to replace`);
      }
    }
  }
}

/** Replaces an existing value and keeps its type. Returns whether the value existed. */
function replaceAt(object: Json, path: readonly string[], segment: Segment | undefined, text: string): boolean {
  let parent: Json | undefined = object;
  for (const key of path.slice(0, -1)) parent = Array.isArray(parent) ? parent[Number(key)] : valueAt(parent, key);
  const field = path.at(-1) ?? '';
  const before = isMap(parent) ? parent[field] : undefined;
  if (!isMap(parent) || before === undefined) return false;
  if (typeof before !== 'string') {
    parent[field] = JSON.parse(text) as Json;
    return true;
  }
  const segments = segment === undefined ? [before] : before.split(segment.delimiter);
  const index = segment?.index ?? 0;
  if (segments[index] === undefined) return false;
  segments[index] = text;
  parent[field] = segments.join(segment?.delimiter);
  return true;
}

function readSegment(options: Json | undefined): Segment | undefined {
  if (options === undefined) return undefined;
  const { delimiter, index = 0, ...rest } = isMap(options) ? options : {};
  if (typeof delimiter !== 'string' || typeof index !== 'number' || Object.keys(rest).length > 0) {
    throw new PatchError('`options` supports only `delimiter` and `index`');
  }
  return { delimiter, index };
}

function readPath(value: Json | undefined): string[] {
  const segments = typeof value === 'string' ? value.match(/(?<=^|\.)(?:\[[^\][=*\\]+\]|[^.\][*\\]+)(?=\.|$)/g) : null;
  if (segments === null || segments.join('.') !== value) {
    throw new PatchError('a field path must be names, indexes and [names.with.dots], separated by dots');
  }
  return segments.map((segment) => segment.replace(/^\[(.*)\]$/, '$1'));
}

function listAt(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new PatchError(`\`${name}\` must be a list`);
  return value;
}

function describe(selector: Json): string {
  return isMap(selector)
    ? Object.values(selector)
        .filter((value) => typeof value === 'string')
        .join(' ')
    : '';
}
