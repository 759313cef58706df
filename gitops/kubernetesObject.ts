/** JSON data, as found in manifests. */
export type Json = null | boolean | number | string | Json[] | JsonMap;

/** A JSON object. */
export interface JsonMap {
  [key: string]: Json | undefined;
}

/** A Kubernetes object as read from Git; everything but its identity is validated where it is used. */
export interface KubernetesObject extends JsonMap {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
}

/** The fields of `metadata` that every manifest has. */
export interface ObjectMetadata extends JsonMap {
  name: string;
  namespace?: string;
}

/** The YAML document that defines an object, or a part of it. */
export interface Origin {
  file: string;
  /** 1-based first line of `text` in the file. */
  line: number;
  text: string;
}

/** An object during the build, with every document that contributed to it: its own first, then patches. */
export interface BuiltObject {
  object: KubernetesObject;
  origins: [Origin, ...Origin[]];
}

/** Whether a value is a JSON object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, or `undefined` if the path does not exist. */
export function valueAt(value: Json | undefined, ...path: string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) current = isMap(current) ? current[key] : undefined;
  return current;
}

/** The items of a list; empty if the value is not a list. */
export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** A value if it is text, otherwise the fallback. */
export function textOf(value: Json | undefined, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** An object's API group; empty for the core group. */
export function groupOf(object: KubernetesObject): string {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0 ? '' : object.apiVersion.slice(0, slash);
}

/** A key that identifies an object in Kubernetes: group, kind, namespace and name. */
export function identityOf(object: KubernetesObject): string {
  return [groupOf(object), object.kind, object.metadata.namespace ?? '', object.metadata.name].join('|');
}

/** An object's display name: `HelmRelease kube-system/cilium`. */
export function describeObject(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Why a value is not a valid Kubernetes object, or `undefined` if it is one. */
export function invalidObjectReason(value: unknown): string | undefined {
  if (!isMap(value)) return 'is not a Kubernetes object';
  const metadata = value['metadata'];
  const missing = ['apiVersion', 'kind'].filter((key) => typeof value[key] !== 'string' || value[key] === '');
  if (!isMap(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '')
    missing.push('metadata.name');
  if (missing.length > 0) return `is missing ${missing.join(', ')}`;
  const namespace = isMap(metadata) ? metadata['namespace'] : undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return 'has a metadata.namespace that is not a string';
  if (value['kind'] === 'List') return 'is a List; write its items as separate documents';
  return undefined;
}

/** An object's `spec`; empty if it has none. */
export function specOf(object: KubernetesObject): JsonMap {
  return isMap(object['spec']) ? object['spec'] : {};
}
