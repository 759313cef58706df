import { connectTokenNamespace } from '../../../cluster/bootstrapOrder';
import { keyPath } from '../../../cluster/keyPath';
import { decryptedDeep, type ExportedState, resourceObject, resourcesOf } from '../../stack/exportedState';
import type { Drift } from '../drift';

/** A Secret that the program creates in the cluster, with the values that it must have. Never print or store them. */
export interface SeededSecret {
  namespace: string;
  name: string;
  /** Base64, by key. */
  data: Readonly<Record<string, string>>;
  /** How findings name its resource; absent if the state is not known. */
  resource?: string;
  /** Where the values come from: words after "the value of". */
  source: string;
}

/** The Secrets of a state that are in the cluster. */
export function seededSecrets(state: ExportedState): SeededSecret[] {
  return resourcesOf(state, 'kubernetes:core/v1:Secret').flatMap((resource) => {
    const { metadata, data } = decryptedDeep(resource.inputs ?? {}) as {
      metadata?: { name?: string; namespace?: string };
      data?: Record<string, string>;
    };
    if (metadata?.name === undefined || metadata.namespace === undefined || data === undefined) return [];
    const { name, namespace } = metadata;
    return [{ namespace, name, data, resource: resourceObject(resource), source: 'the state' }];
  });
}

/** The same, with the Connect token of the stack's configuration, which may be newer than the state. */
export function withConnectToken(seeded: readonly SeededSecret[], tokenSecret: string, token: string): SeededSecret[] {
  const data = { token: Buffer.from(token, 'utf8').toString('base64') };
  const isToken = ({ namespace, name }: SeededSecret): boolean =>
    namespace === connectTokenNamespace && name === tokenSecret;
  const known = seeded.find(isToken) ?? { namespace: connectTokenNamespace, name: tokenSecret };
  return [
    ...seeded.filter((secret) => !isToken(secret)),
    { ...known, data, source: "connectToken in the stack's configuration" },
  ];
}

/**
 * What is wrong with a Secret that the program created; `found` is its data, undefined if it does not exist. `readers` are
 * objects, as findings name them, that cannot work without it.
 */
export function evaluateSeeded(
  { namespace, name, data, resource, source }: SeededSecret,
  found: Readonly<Record<string, string>> | undefined,
  stack: string,
  readers: readonly string[] = [],
): Drift[] {
  const base = {
    id: 'seeded-secret',
    layer: 'secrets' as const,
    owner: 'Pulumi',
    object: `Secret ${namespace}/${name}`,
    todo: `have the program write it again: pulumi up --refresh --stack ${stack}`,
    explains: [...(resource === undefined ? [] : [resource]), ...readers],
  };
  if (found === undefined) return [{ ...base, why: 'does not exist' }];
  return Object.entries(data).flatMap(([key, value]) => {
    if (found[key] === value) return [];
    const there = found[key] === undefined ? {} : { found: 'another value' };
    return [{ ...base, field: keyPath(['data', key]), wanted: `the value of ${source}`, ...there }];
  });
}
