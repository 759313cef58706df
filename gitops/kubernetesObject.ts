/** JSON data, as manifests hold it. */
export type Json = null | boolean | number | string | Json[] | JsonMap;

/** A JSON object. */
export interface JsonMap {
  [key: string]: Json | undefined;
}

/** A Kubernetes object as Git has it; everything beyond identity is checked where it is used. */
export interface KubernetesObject extends JsonMap {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
}

/** The part of `metadata` that manifests use. */
export interface ObjectMetadata extends JsonMap {
  name: string;
  namespace?: string;
}

/** Where (a part of) an object was written: a document of a file. */
export interface Origin {
  file: string;
  /** First line of `text` in the file, from 1. */
  line: number;
  text: string;
}

/** An object on its way through the build, with every document that shaped it: its own first, then patches. */
export interface BuiltObject {
  object: KubernetesObject;
  origins: [Origin, ...Origin[]];
}

/** Whether a value is a JSON object. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, `undefined` where the path ends early. */
export function valueAt(value: Json | undefined, ...path: string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) current = isMap(current) ? current[key] : undefined;
  return current;
}

/** The items of a value that is a list; none where it is not. */
export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The API group of an object; empty for the core group. */
export function groupOf(object: KubernetesObject): string {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0 ? '' : object.apiVersion.slice(0, slash);
}

/** What makes two objects the same to Kubernetes: group, kind, namespace, name. */
export function identityOf(object: KubernetesObject): string {
  return [groupOf(object), object.kind, object.metadata.namespace ?? '', object.metadata.name].join('|');
}

/** An object for people: `HelmRelease kube-system/cilium`. */
export function describeObject(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Why a value is no Kubernetes object, or nothing if it is one. */
export function whyNoObject(value: unknown): string | undefined {
  if (!isMap(value)) return 'is no Kubernetes object';
  const metadata = value['metadata'];
  const missing = ['apiVersion', 'kind'].filter((key) => typeof value[key] !== 'string' || value[key] === '');
  if (!isMap(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '')
    missing.push('metadata.name');
  if (missing.length > 0) return `has no ${missing.join(', no ')}`;
  const namespace = isMap(metadata) ? metadata['namespace'] : undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return 'has a metadata.namespace that is no string';
  if (value['kind'] === 'List') return 'is a List; write its items as documents of their own';
  return undefined;
}

/** The `spec` of an object, empty if it has none. */
export function specOf(object: KubernetesObject): JsonMap {
  return isMap(object['spec']) ? object['spec'] : {};
}
