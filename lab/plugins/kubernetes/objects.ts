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

/** A kind of object the stand-in serves. */
export interface Kind {
  apiVersion: string;
  kind: string;
  /** Plural name in API paths. */
  resource: string;
  namespaced: boolean;
}

/** The kinds by Pulumi type token: what the program needs before Flux takes over, nothing more. */
export const kinds: Readonly<Record<string, Kind>> = {
  'kubernetes:core/v1:Namespace': { apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false },
  'kubernetes:core/v1:Secret': { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true },
  'kubernetes:core/v1:ConfigMap': { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true },
};

/** Type token of a URN (the last one of a chain of parents) and the resource's name in the program. */
export function parseUrn(urn: string): { token: string; name: string } {
  const [, , types = '', name = ''] = urn.split('::');
  return { token: types.split('$').at(-1) ?? '', name };
}

/**
 * The kind behind a URN.
 *
 * @throws Error saying what the stand-in serves, for anything else.
 */
export function kindOf(urn: string): Kind {
  const { token } = parseUrn(urn);
  const kind = kinds[token];
  if (kind !== undefined) return kind;
  throw new Error(
    `this is the lab's stand-in for the Kubernetes provider, which does not serve ${token} (only ${Object.keys(kinds).join(', ')}); ` +
      'let Flux own that object, or run the lab with `--plugins official`',
  );
}

/** API path of the object, or of its collection when `name` is absent. */
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

/** Namespace and name out of a resource id. */
export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf('/');
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/**
 * Inputs in the form that the API server keeps: `stringData` of a Secret becomes `data`, a namespaced object has its
 * namespace. Secrets stay wrapped, and all data of a Secret is one.
 */
export function normalize(kind: Kind, inputs: Properties): Properties {
  if (kind.kind !== 'Secret') return identified(kind, inputs);
  const { stringData, data, ...rest } = inputs;
  const result = identified(kind, rest);
  if (stringData === undefined && data === undefined) return result;
  const encoded = plain(stringData);
  const plainData = plain(data);
  if (typeof encoded === 'string' || typeof plainData === 'string') {
    // Not known yet as a whole: only the wrapper is certain.
    return { ...result, data: secret(typeof plainData === 'string' ? plainData : encoded) };
  }
  const merged: Properties = isMap(plainData) ? { ...plainData } : {};
  for (const [key, value] of Object.entries(isMap(encoded) ? encoded : {})) {
    if (typeof value === 'string') merged[key] = Buffer.from(value, 'utf8').toString('base64');
  }
  return { ...result, data: secret(merged) };
}

function identified(kind: Kind, inputs: Properties): Properties {
  const metadata = isMap(inputs.metadata) ? { ...inputs.metadata } : {};
  if (kind.namespaced && metadata.namespace === undefined) metadata.namespace = 'default';
  return { ...inputs, apiVersion: kind.apiVersion, kind: kind.kind, metadata };
}

/** What of the live object the inputs speak about: what others added (labels, annotations, defaults) is left out. */
export function prune(live: Property | undefined, inputs: Property | undefined): Property {
  if (Array.isArray(live) && Array.isArray(inputs))
    return live.map((item, index) => prune(item, inputs[index] ?? item));
  if (!isMap(live) || !isMap(inputs)) return live ?? null;
  const kept = Object.keys(inputs).filter((key) => live[key] !== undefined && live[key] !== null);
  return Object.fromEntries(kept.map((key) => [key, prune(live[key], inputs[key])]));
}

/** Paths at which the new inputs differ from the pruned live object, in order. */
export function differences(live: Property | undefined, inputs: Property | undefined, path: Path = []): Path[] {
  if (same(live, inputs)) return [];
  if (!isMap(live) || !isMap(inputs)) return [path];
  const keys = [...new Set([...Object.keys(live), ...Object.keys(inputs)])].sort();
  return keys.flatMap((key) => differences(live[key], inputs[key], [...path, key]));
}

/** Which kinds may change their contents. */
export interface Mutable {
  secret: boolean;
  configMap: boolean;
}

/**
 * Whether a change at that path makes another object: identity, and contents of a Secret or ConfigMap unless they may
 * change.
 */
export function replaces(kind: Kind, path: Path, mutable: Mutable): boolean {
  if (['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'].includes(path.join('.'))) return true;
  if (kind.kind === 'ConfigMap') return !mutable.configMap && ['data', 'binaryData'].includes(path[0] ?? '');
  if (kind.kind !== 'Secret') return false;
  return path[0] === 'type' || (!mutable.secret && path[0] === 'data');
}

/** The state to record: the live object, secrets wrapped, with the field manager that owns our fields. */
export function checkpoint(kind: Kind, live: Property, inputs: Properties, fieldManager: string): Properties {
  const marked = markSecrets(live, inputs);
  const state: Properties = isMap(marked) ? { ...marked } : {};
  if (kind.kind === 'Secret' && state.data !== undefined) state.data = secret(plain(state.data));
  return { ...state, __fieldManager: fieldManager, __initialApiVersion: kind.apiVersion };
}
