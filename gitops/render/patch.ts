import {
  JsonPatchError,
  type Validator,
  applyOperation as applyJsonPatch,
  getValueByPointer,
  validator,
} from 'fast-json-patch';
import { type Json, type JsonMap, type KubernetesObject, groupOf, isMap } from '../kubernetesObject';

/** Selects the objects a patch applies to; all set fields must match. Values are anchored regexes, as in kustomize. */
export interface PatchTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/** A parsed patch: a strategic merge patch, which may delete the object, or a list of JSON6902 operations. */
export type PatchBody = JsonMap | JsonPatchOperation[];

/** Whether a patch deletes the objects that it applies to. */
export function isDeletion(patch: PatchBody): boolean {
  return !Array.isArray(patch) && patch[directive] === 'delete';
}

const directive = '$patch';

/** A supported JSON6902 operation. */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'test';
  path: string;
  value?: Json;
}

/** A problem with a patch; the caller adds where the patch is defined. */
export class PatchError extends Error {}

const targetKeys = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'] as const;
const operations = ['add', 'remove', 'replace', 'test'];

/** Parses a patch's target. Throws a PatchError for an unknown key or a value that is not a string. */
export function readTarget(value: Json): PatchTarget {
  if (!isMap(value)) throw new PatchError('`target` must be a map');
  for (const [key, field] of Object.entries(value)) {
    if (!(targetKeys as readonly string[]).includes(key)) throw new PatchError(`target.${key} is not supported`);
    if (typeof field !== 'string') throw new PatchError(`target.${key} must be a string`);
  }
  const target = value as PatchTarget;
  for (const selector of [target.labelSelector, target.annotationSelector]) {
    if (selector !== undefined) matchesSelector(selector, {});
  }
  return target;
}

/** Parses a patch's body. Throws a PatchError for an invalid patch, or one that kustomize supports and this program does not. */
export function readPatchBody(value: unknown): PatchBody {
  if (isMap(value)) {
    if (typeof value['kind'] !== 'string') throw new PatchError('a strategic merge patch needs `kind`');
    if (!isMap(value['metadata']) || typeof value['metadata']['name'] !== 'string') {
      throw new PatchError('a strategic merge patch needs `metadata.name`');
    }
    const { [directive]: own, ...rest } = value;
    rejectDirectives(own === 'delete' ? rest : value);
    return value;
  }
  if (!Array.isArray(value)) throw new PatchError('must be a map (strategic merge patch) or a list (JSON6902)');
  return value.map((operation: unknown) => {
    if (!isMap(operation)) throw new PatchError('a JSON6902 operation must be a map');
    const { op, path } = operation;
    if (typeof op !== 'string' || !operations.includes(op)) {
      throw new PatchError(`JSON6902 operation ${JSON.stringify(op)} is not supported; use ${operations.join(', ')}`);
    }
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw new PatchError(`JSON6902 path ${JSON.stringify(path)} must be a string starting with /`);
    }
    return operation as unknown as JsonPatchOperation;
  });
}

/** The target of a strategic merge patch without `target`: the object with its kind and name. */
export function implicitTarget(patch: JsonMap): PatchTarget {
  const metadata = patch['metadata'] as JsonMap;
  const apiVersion = patch['apiVersion'];
  const exact = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return {
    ...(typeof apiVersion === 'string' && apiVersion.includes('/')
      ? { group: exact(apiVersion.split('/')[0] ?? '') }
      : {}),
    kind: exact(patch['kind'] as string),
    name: exact(metadata['name'] as string),
    ...(typeof metadata['namespace'] === 'string' ? { namespace: exact(metadata['namespace']) } : {}),
  };
}

/** Whether a target selects an object. */
export function matchesTarget(target: PatchTarget, object: KubernetesObject): boolean {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  const matches = (pattern: string | undefined, text: string): boolean =>
    pattern === undefined || pattern === '' || new RegExp(`^(?:${pattern})$`).test(text);
  return (
    matches(target.group, groupOf(object)) &&
    matches(target.version, version) &&
    matches(target.kind, object.kind) &&
    matches(target.name, object.metadata.name) &&
    matches(target.namespace, object.metadata.namespace ?? '') &&
    matchesSelector(target.labelSelector ?? '', object.metadata['labels']) &&
    matchesSelector(target.annotationSelector ?? '', object.metadata['annotations'])
  );
}

/** Matches an equality or existence selector (`a=b,c!=d,e,!f`). Throws a PatchError for a set-based selector. */
function matchesSelector(selector: string, labels: Json | undefined): boolean {
  const values = isMap(labels) ? labels : {};
  return selector
    .split(',')
    .filter((term) => term.trim() !== '')
    .every((term) => {
      const parts = /^\s*(!?)\s*([\w./-]+)\s*(?:(==|=|!=)\s*([\w./-]*))?\s*$/.exec(term);
      const [, negation, key = '', operator, value] = parts ?? [];
      if (parts === null || (negation === '!' && operator !== undefined)) {
        throw new PatchError(
          `selector ${JSON.stringify(selector)} is not supported; use key=value, key!=value, key or !key`,
        );
      }
      if (operator === undefined) return (values[key] !== undefined) === (negation === '');
      return (values[key] === value) === (operator !== '!=');
    });
}

/** Applies a patch to an object in place. Throws a PatchError if it cannot be applied. */
export function applyPatch(object: KubernetesObject, patch: PatchBody): void {
  if (Array.isArray(patch)) {
    for (const operation of patch) applyOperation(object, operation);
    return;
  }
  if (isBuiltIn(object) && containsList(patch)) {
    throw new PatchError(`strategic merge of lists in ${object.kind} is not supported; use JSON6902`);
  }
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = patch;
  const { name: _name, namespace: _namespace, ...otherMetadata } = metadata as JsonMap;
  merge(object, { ...rest, ...(Object.keys(otherMetadata).length > 0 ? { metadata: otherMetadata } : {}) });
}

/** Merges maps, deletes on `null`, and replaces everything else, including lists: custom resources have no merge keys. */
function merge(into: JsonMap, patch: JsonMap): void {
  for (const [key, value] of Object.entries(patch)) {
    const current = into[key];
    if (value === null || value === undefined) delete into[key];
    else if (isMap(value) && isMap(current)) merge(current, value);
    else into[key] = withoutNulls(value);
  }
}

function withoutNulls(value: Json): Json {
  if (!isMap(value)) return structuredClone(value);
  const copy: JsonMap = {};
  merge(copy, value);
  return copy;
}

function applyOperation(object: KubernetesObject, operation: JsonPatchOperation): void {
  const { op, path } = operation;
  const value = structuredClone(operation.value ?? null);
  const patchError = (what: string): PatchError => new PatchError(`JSON6902 ${op} ${path}: ${what}`);
  try {
    applyJsonPatch<JsonMap>(object, { op, path, value }, validateOperation);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw patchError((error as Error).message);
    const isTest = error.name === 'TEST_OPERATION_FAILED';
    const current: unknown = isTest ? getValueByPointer(object, path) : undefined;
    if (current === undefined) throw patchError('path does not exist');
    throw patchError(`found ${JSON.stringify(current)}, expected ${JSON.stringify(value)}`);
  }
}

/**
 * The library's validation, plus what it lacks compared with evanphx/json-patch, which kustomize uses: the library inserts
 * at index 0 for an empty list index, and for one beyond 32 bits. It also requires `value`, where evanphx defaults to null.
 */
const validateOperation: Validator<JsonMap> = (operation, index, document, existingPath) => {
  validator(operation, index, document, existingPath);
  const slash = operation.path.lastIndexOf('/');
  if (operation.op !== 'add' || existingPath !== operation.path.slice(0, slash)) return;
  const list: unknown = getValueByPointer(document, existingPath);
  const key = operation.path.slice(slash + 1);
  if (Array.isArray(list) && key !== '-' && !(/^\d+$/.test(key) && Number(key) <= list.length)) {
    throw new PatchError(`index out of range, the list has ${list.length} items`);
  }
};

function isBuiltIn(object: KubernetesObject): boolean {
  const group = groupOf(object);
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function containsList(value: Json | undefined): boolean {
  return Array.isArray(value) || (isMap(value) && Object.values(value).some(containsList));
}

function rejectDirectives(value: Json | undefined): void {
  if (Array.isArray(value)) value.forEach(rejectDirectives);
  if (!isMap(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (key.startsWith('$')) throw new PatchError(`directive ${key} is not supported; use JSON6902`);
    rejectDirectives(field);
  }
}
