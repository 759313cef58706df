import { isMap, type Json, type JsonMap } from '../../../gitops/kubernetesObject';
import { show } from '../../problems';
import { libraryTypes } from './types';

/**
 * A value of a type of the Talos library, as Go has it: what is absent has Go's zero value, and so does a pointer, list or map
 * that is nil. `false`, `''` and `0` are there only if their document says so.
 */
export type Value = Json | undefined;

/** Why Talos refuses a document. */
export class DocumentError extends Error {
  constructor(path: readonly string[], found: unknown, expected: string) {
    super(`${path.join('.') || 'the document'}: found ${show(found)}, expected ${expected}`);
    this.name = 'DocumentError';
  }
}

/** A type taken apart: the first of its wrappers, or what it is called. */
export type TypeForm =
  | { form: 'pointer'; of: string }
  | { form: 'list'; of: string }
  | { form: 'map'; of: string }
  | { form: 'struct'; name: string; fields: readonly FieldType[] }
  | { form: 'scalar'; name: string };

/** A field of a struct. */
export interface FieldType {
  key: string;
  type: string;
  omitEmpty: boolean;
  /** The value of the patch replaces a list, instead of being appended to it. */
  replace: boolean;
}

const wrappers = [
  ['*', 'pointer'],
  ['[]', 'list'],
  ['map[string]', 'map'],
] as const;

const forms = new Map<string, TypeForm>();

/** What a type of the table is. */
export function typeForm(type: string): TypeForm {
  const known = forms.get(type) ?? takeApart(type);
  forms.set(type, known);
  return known;
}

function takeApart(type: string): TypeForm {
  const named = libraryTypes.lists[type];
  if (named !== undefined) return takeApart(named);
  for (const [prefix, form] of wrappers) if (type.startsWith(prefix)) return { form, of: type.slice(prefix.length) };
  const struct = libraryTypes.structs[type];
  if (struct === undefined) return { form: 'scalar', name: type };
  const fields = Object.entries(struct).map(([key, text]): FieldType => {
    const [field = '', ...options] = text.split(',');
    return { key, type: field, omitEmpty: options.includes('omitempty'), replace: options.includes('replace') };
  });
  return { form: 'struct', name: type, fields };
}

/**
 * Reads a value of a document.
 * @throws DocumentError for a key that the type does not have, and for another kind of value
 */
export function decode(type: string, value: Value, path: readonly string[]): Value {
  if (value === null || value === undefined) return undefined;
  const own = typeForm(type);
  if (own.form === 'scalar') return decodeScalar(own.name, value, path);
  if (own.form === 'pointer') return decode(own.of, value, path);
  if (own.form === 'list') {
    if (!Array.isArray(value)) throw new DocumentError(path, value, 'a list');
    const items = value.map((item, index) => decode(own.of, item, [...path, String(index)]) ?? null);
    return type === 'v1alpha1.ClusterInlineManifests' ? items.map(withoutLeadingLines) : items;
  }
  if (!isMap(value)) throw new DocumentError(path, value, 'a map');
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (own.form === 'map') {
    // A struct around a map, which has no map as long as nothing is in it.
    if (type === 'v1alpha1.Unstructured' && entries.length === 0) return undefined;
    return Object.fromEntries(entries.map(([key, item]) => [key, decode(own.of, item, [...path, key]) ?? null]));
  }
  const fields = new Map(own.fields.map((field) => [field.key, field]));
  return Object.fromEntries(
    entries.flatMap(([key, item]): [string, Json][] => {
      const field = fields.get(key);
      if (field === undefined)
        throw new DocumentError([...path, key], item, `no such key in Talos ${libraryTypes.library}`);
      const decoded = decode(field.type, item, [...path, key]);
      return decoded === undefined ? [] : [[key, decoded]];
    }),
  );
}

function decodeScalar(name: string, value: Json, path: readonly string[]): Json {
  if (name === 'any') return value;
  if (typeof value === 'object' && value !== null) throw new DocumentError(path, value, 'one value');
  if (name === 'string') return String(value);
  if (name === 'bool') {
    if (typeof value !== 'boolean') throw new DocumentError(path, value, 'true or false');
    return value;
  }
  if (name === 'duration') return goDuration(String(value)) ?? value;
  if (/^u?int/.test(name)) {
    if (!Number.isInteger(Number(value)) || typeof value === 'boolean')
      throw new DocumentError(path, value, 'a number');
    return Number(value);
  }
  return value;
}

/** As the library does when it reads inline manifests. */
function withoutLeadingLines(manifest: Json): Json {
  if (!isMap(manifest) || typeof manifest['contents'] !== 'string') return manifest;
  return { ...manifest, contents: manifest['contents'].replace(/^[\t\n\v\f\r]+/, '') };
}

/** A duration as Go writes it: `90s` is `1m30s`. Undefined for what is none. Fractions of a second stay as they are. */
function goDuration(text: string): string | undefined {
  if (!/^(\d+(h|m|s))+$/.test(text)) return undefined;
  const seconds = [...text.matchAll(/(\d+)(h|m|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1),
    0,
  );
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours > 0 ? `${hours}h` : '', hours > 0 || minutes > 0 ? `${minutes}m` : '', `${seconds % 60}s`].join('');
}

/** Whether a value is Go's zero value: a pointer, list or map that is there never is. */
export function isZero(type: string, value: Value): boolean {
  if (value === undefined || value === null) return true;
  const own = typeForm(type);
  if (own.form === 'scalar') return value === '' || value === 0 || value === false;
  if (own.form !== 'struct') return false;
  return isMap(value) && own.fields.every(({ key, type: field }) => isZero(field, value[key]));
}

/** Whether a field with this value is left out if it is `omitempty`. */
export function isEmpty(type: string, value: Value): boolean {
  if (value === undefined || value === null) return true;
  const own = typeForm(type);
  if (own.form === 'pointer') return false;
  if (own.form === 'list') return Array.isArray(value) && value.length === 0;
  if (own.form === 'map') return isMap(value) && Object.keys(value).length === 0;
  if (own.form === 'scalar') return value === '' || value === 0 || value === false;
  const map = isMap(value) ? value : {};
  if (own.name === 'block.EncryptionSpec') return isEmpty('text', map['provider']) && isEmpty('[]any', map['keys']);
  return own.fields.every(({ key, type: field }) => isEmpty(field, map[key]));
}

/** A value as the library writes it, with keys in its order. */
export function encode(type: string, value: Value): Json {
  const own = typeForm(type);
  const absent = value === undefined || value === null;
  switch (own.form) {
    case 'pointer':
      return absent ? null : encode(own.of, value);
    case 'list':
      return absent || !Array.isArray(value) ? [] : value.map((item) => encode(own.of, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(isMap(value) ? value : {}).map(([key, item]) => [key, encode(own.of, item)]),
      );
    case 'struct':
      return encodeStruct(own.fields, isMap(value) ? value : {});
    case 'scalar':
      return absent || (own.name === argument && value === '') ? zeroOf(own.name) : value;
  }
}

function encodeStruct(fields: readonly FieldType[], map: JsonMap): JsonMap {
  return Object.fromEntries(
    fields.flatMap(({ key, type, omitEmpty }): [string, Json][] =>
      omitEmpty && isEmpty(type, map[key]) ? [] : [[key, encode(type, map[key])]],
    ),
  );
}

function zeroOf(name: string): Json {
  if (name === 'bool') return false;
  if (/^u?int/.test(name)) return 0;
  if (name === 'duration') return '0s';
  return name === 'any' || name === argument ? null : '';
}

/** The value of an argument of a component, which is nothing if it is empty. */
const argument = 'v1alpha1.ArgValue';
