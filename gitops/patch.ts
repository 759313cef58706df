import { type Json, type JsonMap, type KubernetesObject, groupOf, isMap } from './kubernetesObject';

/** Which objects a patch is for; every given part must fit. Names are anchored regular expressions, as in kustomize. */
export interface PatchTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/** A patch that can be applied: a strategic merge, or a list of JSON6902 operations. */
export type PatchBody = JsonMap | JsonPatchOperation[];

/** One JSON6902 operation of those that are supported. */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'test';
  path: string;
  value?: Json;
}

/** What is wrong with a patch, for the caller to say where. */
export class PatchError extends Error {}

const targetKeys = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector'] as const;
const operations = ['add', 'remove', 'replace', 'test'];

/** Reads a patch's target. Throws a PatchError for an unknown key or a value that is no string. */
export function readTarget(value: Json): PatchTarget {
  if (!isMap(value)) throw new PatchError('`target` must be a map');
  for (const [key, part] of Object.entries(value)) {
    if (!(targetKeys as readonly string[]).includes(key)) throw new PatchError(`target.${key} is not supported`);
    if (typeof part !== 'string') throw new PatchError(`target.${key} must be a string`);
  }
  const target = value as PatchTarget;
  for (const selector of [target.labelSelector, target.annotationSelector]) {
    if (selector !== undefined) matchesSelector(selector, {});
  }
  return target;
}

/** Reads what a patch says. Throws a PatchError for a form that kustomize has and this program does not. */
export function readPatchBody(value: unknown): PatchBody {
  if (isMap(value)) {
    if (typeof value['kind'] !== 'string') throw new PatchError('a strategic merge patch needs `kind`');
    if (!isMap(value['metadata']) || typeof value['metadata']['name'] !== 'string') {
      throw new PatchError('a strategic merge patch needs `metadata.name`');
    }
    refuseDirectives(value);
    return value;
  }
  if (!Array.isArray(value)) throw new PatchError('must be a map (strategic merge) or a list (JSON6902)');
  return value.map((operation: unknown) => {
    if (!isMap(operation)) throw new PatchError('a JSON6902 operation must be a map');
    const { op, path } = operation;
    if (typeof op !== 'string' || !operations.includes(op)) {
      throw new PatchError(`JSON6902 operation ${JSON.stringify(op)} is not supported; use ${operations.join(', ')}`);
    }
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw new PatchError(`JSON6902 path ${JSON.stringify(path)} must be a string that starts with /`);
    }
    return operation as unknown as JsonPatchOperation;
  });
}

/** The target that a strategic merge patch names by itself. */
export function ownTarget(patch: JsonMap): PatchTarget {
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

/** Whether a patch is for an object. */
export function matchesTarget(target: PatchTarget, object: KubernetesObject): boolean {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  const fits = (pattern: string | undefined, text: string): boolean =>
    pattern === undefined || pattern === '' || new RegExp(`^(?:${pattern})$`).test(text);
  return (
    fits(target.group, groupOf(object)) &&
    fits(target.version, version) &&
    fits(target.kind, object.kind) &&
    fits(target.name, object.metadata.name) &&
    fits(target.namespace, object.metadata.namespace ?? '') &&
    matchesSelector(target.labelSelector ?? '', object.metadata['labels']) &&
    matchesSelector(target.annotationSelector ?? '', object.metadata['annotations'])
  );
}

/** Equality and existence selectors (`a=b,c!=d,e,!f`). Throws a PatchError for set selectors. */
function matchesSelector(selector: string, labels: Json | undefined): boolean {
  const values = isMap(labels) ? labels : {};
  return selector
    .split(',')
    .filter((term) => term.trim() !== '')
    .every((term) => {
      const parts = /^\s*(!?)\s*([\w./-]+)\s*(?:(==|=|!=)\s*([\w./-]*))?\s*$/.exec(term);
      const [, not, key = '', operator, value] = parts ?? [];
      if (parts === null || (not === '!' && operator !== undefined)) {
        throw new PatchError(
          `selector ${JSON.stringify(selector)} is not supported; use key=value, key!=value, key or !key`,
        );
      }
      if (operator === undefined) return (values[key] !== undefined) === (not === '');
      return (values[key] === value) === (operator !== '!=');
    });
}

/** Applies a patch to an object in place. Throws a PatchError if it does not fit. */
export function applyPatch(object: KubernetesObject, patch: PatchBody): void {
  if (Array.isArray(patch)) {
    for (const operation of patch) applyOperation(object, operation);
    return;
  }
  if (isBuiltIn(object) && holdsList(patch)) {
    throw new PatchError(`a strategic merge of a list in a ${object.kind} is not supported; use JSON6902`);
  }
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = patch;
  const { name: _name, namespace: _namespace, ...otherMetadata } = metadata as JsonMap;
  merge(object, { ...rest, ...(Object.keys(otherMetadata).length > 0 ? { metadata: otherMetadata } : {}) });
}

/** Maps are merged, `null` deletes, everything else (lists too: custom resources have no merge keys) is replaced. */
function merge(into: JsonMap, patch: JsonMap): void {
  for (const [key, value] of Object.entries(patch)) {
    const present = into[key];
    if (value === null || value === undefined) delete into[key];
    else if (isMap(value) && isMap(present)) merge(present, value);
    else into[key] = withoutNulls(value);
  }
}

function withoutNulls(value: Json): Json {
  if (!isMap(value)) return structuredClone(value);
  const copy: JsonMap = {};
  merge(copy, value);
  return copy;
}

function applyOperation(object: JsonMap, { op, path, value }: JsonPatchOperation): void {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  let parent: Json | undefined = object;
  for (const key of keys) parent = Array.isArray(parent) ? parent[indexOf(key)] : valueOf(parent, key);
  if (!Array.isArray(parent) && !isMap(parent)) throw new PatchError(`JSON6902 ${op} ${path}: there is nothing there`);
  const present = Array.isArray(parent) ? parent[indexOf(last)] : parent[last];
  if (op !== 'add' && present === undefined) throw new PatchError(`JSON6902 ${op} ${path}: there is nothing there`);
  if (op === 'test') {
    const same = JSON.stringify(present) === JSON.stringify(value);
    if (!same)
      throw new PatchError(`JSON6902 test ${path}: is ${JSON.stringify(present)}, not ${JSON.stringify(value)}`);
  } else if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : indexOf(last);
    if (!(at <= parent.length)) throw new PatchError(`JSON6902 ${op} ${path}: the list has ${parent.length} items`);
    parent.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value ?? null)]));
  } else if (op === 'remove') {
    delete parent[last];
  } else {
    parent[last] = structuredClone(value ?? null);
  }
}

function valueOf(parent: Json | undefined, key: string): Json | undefined {
  return isMap(parent) ? parent[key] : undefined;
}

function indexOf(key: string): number {
  return /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
}

function isBuiltIn(object: KubernetesObject): boolean {
  const group = groupOf(object);
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function holdsList(value: Json | undefined): boolean {
  return Array.isArray(value) || (isMap(value) && Object.values(value).some(holdsList));
}

function refuseDirectives(value: Json | undefined): void {
  if (Array.isArray(value)) value.forEach(refuseDirectives);
  if (!isMap(value)) return;
  for (const [key, part] of Object.entries(value)) {
    if (key.startsWith('$')) throw new PatchError(`directive ${key} is not supported; use JSON6902`);
    refuseDirectives(part);
  }
}
