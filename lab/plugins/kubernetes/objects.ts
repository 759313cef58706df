import {
  isMap,
  markSecrets,
  plain,
  same,
  secret,
  textAt,
  type Properties,
  type Property,
} from '../provider/properties';
import type { Path } from '../provider/wire';

/** A kind of object that the stand-in supports. */
export interface Kind {
  apiVersion: string;
  kind: string;
  /** Plural name in API paths. */
  resource: string;
  namespaced: boolean;
}

/** The supported kinds by Pulumi type token: those that the program creates before Flux takes over. */
export const kinds: Readonly<Record<string, Kind>> = {
  'kubernetes:core/v1:Namespace': { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false },
  'kubernetes:core/v1:Secret': { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true },
  'kubernetes:core/v1:ConfigMap': { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true },
};

/** The type token of a URN (without its parents' tokens) and the resource's name. */
export function parseUrn(urn: string): { token: string; name: string } {
  const [, , types = '', name = ''] = urn.split('::');
  return { token: types.split('$').at(-1) ?? '', name };
}

/**
 * The kind of a URN.
 *
 * @throws Error listing the supported kinds if it is not one of them
 */
export function kindOf(urn: string): Kind {
  const { token } = parseUrn(urn);
  const kind = kinds[token];
  if (kind !== undefined) return kind;
  throw new Error(
    `the lab's stand-in for the Kubernetes provider does not support ${token} (only ${Object.keys(kinds).join(', ')}); ` +
      'let Flux own that object, or run the lab with `--plugins official`',
  );
}

/** The API path of an object, or of its collection if `name` is absent. */
export function apiPath(kind: Kind, namespace: string | undefined, name?: string): string {
  const scope = kind.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
  return `/api/v1${scope}/${kind.resource}${name === undefined ? '' : `/${name}`}`;
}

/** Resource id: `name`, or `namespace/name`. */
export function idOf(object: Property): string {
  const namespace = textAt(object, 'metadata', 'namespace');
  const name = textAt(object, 'metadata', 'name') ?? '';
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The namespace and name in a resource id. */
export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf('/');
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/**
 * The inputs in the form that the API server stores: a Secret's `stringData` becomes `data`, and the namespace defaults
 * to `default`. Secret values stay wrapped, and a Secret's data is wrapped as a whole.
 */
export function normalize(kind: Kind, inputs: Properties): Properties {
  if (kind.kind !== 'Secret') return withIdentity(kind, inputs);
  const { stringData, data, ...rest } = inputs;
  const result = withIdentity(kind, rest);
  if (stringData === undefined && data === undefined) return result;
  const encoded = plain(stringData);
  const plainData = plain(data);
  if (typeof encoded === 'string' || typeof plainData === 'string') {
    // The whole map is unknown, but still secret.
    return { ...result, data: secret(typeof plainData === 'string' ? plainData : encoded) };
  }
  const merged: Properties = isMap(plainData) ? { ...plainData } : {};
  for (const [key, value] of Object.entries(isMap(encoded) ? encoded : {})) {
    if (typeof value === 'string') merged[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  return { ...result, data: secret(merged) };
}

function withIdentity(kind: Kind, inputs: Properties): Properties {
  const metadata = isMap(inputs.metadata) ? { ...inputs.metadata } : {};
  if (kind.namespaced && metadata.namespace === undefined) metadata.namespace = 'default';
  return { ...inputs, apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}

/**
 * The fields of the live object that the inputs set, without those that others added (labels, annotations, defaults).
 */
export function prune(live: Property | undefined, inputs: Property | undefined): Property {
  if (Array.isArray(live) && Array.isArray(inputs))
    return live.map((item, index) => prune(item, inputs[index] ?? item));
  if (!isMap(live) || !isMap(inputs)) return live ?? null;
  const kept = Object.keys(inputs).filter((key) => live[key] !== undefined && live[key] !== null);
  return Object.fromEntries(kept.map((key) => [key, prune(live[key], inputs[key])]));
}

/** The paths at which the new inputs differ from the pruned live object, sorted. */
export function differences(live: Property | undefined, inputs: Property | undefined, path: Path = []): Path[] {
  if (same(live, inputs)) return [];
  if (!isMap(live) || !isMap(inputs)) return [path];
  const keys = [...new Set([...Object.keys(live), ...Object.keys(inputs)])].sort();
  return keys.flatMap((key) => differences(live[key], inputs[key], [...path, key]));
}

/** Kinds whose data can be updated in place. */
export interface Mutable {
  secret: boolean;
  configMap: boolean;
}

/**
 * Whether a change at that path requires replacement: the object's identity, and the data of a Secret or ConfigMap
 * unless it is mutable.
 */
export function replaces(kind: Kind, path: Path, mutable: Mutable): boolean {
  if (['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'].includes(path.join('.'))) return true;
  if (kind.kind === 'ConfigMap') return !mutable.configMap && ['data', 'binaryData'].includes(path[0] ?? '');
  if (kind.kind !== 'Secret') return false;
  return path[0] === 'type' || (!mutable.secret && path[0] === 'data');
}

/** The state to store: the live object with wrapped secrets, and the field manager that owns our fields. */
export function checkpoint(kind: Kind, live: Property, inputs: Properties, fieldManager: string): Properties {
  const marked = markSecrets(live, inputs);
  const state: Properties = isMap(marked) ? { ...marked } : {};
  if (kind.kind === 'Secret' && state.data !== undefined) state.data = secret(plain(state.data));
  return { ...state, __fieldManager: fieldManager, __initialApiVersion: kind.apiVersion };
}
