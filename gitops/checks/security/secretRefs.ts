import { type Json, type KubernetesObject, groupOf, isMap, listOf, valueAt } from '../../kubernetesObject';
import type { TreeObject } from '../../tree';
import type { Path } from '../about';

const group = 'external-secrets.io';

/** Whether an object is one of external-secrets', of some kinds. */
export function isKind(object: KubernetesObject, ...kinds: string[]): boolean {
  return groupOf(object) === group && kinds.includes(object.kind);
}

/** Where the spec of an ExternalSecret or PushSecret is; their cluster-wide kinds hold that of those they make. */
export function specPath({ object }: TreeObject): string[] | undefined {
  if (isKind(object, 'ExternalSecret', 'PushSecret')) return ['spec'];
  if (isKind(object, 'ClusterExternalSecret')) return ['spec', 'externalSecretSpec'];
  return isKind(object, 'ClusterPushSecret') ? ['spec', 'pushSecretSpec'] : undefined;
}

/** Whether an object writes to the vault. */
export function isPush({ object }: TreeObject): boolean {
  return isKind(object, 'PushSecret', 'ClusterPushSecret');
}

/** The items of the vault that an ExternalSecret reads or a PushSecret writes, each where it names it; empty: all of them. */
export function* keys(spec: Json | undefined, prefix: Path): Generator<{ path: Path; key: string }> {
  for (const [index, entry] of listOf(valueAt(spec, 'data')).entries()) {
    const key = valueAt(entry, 'remoteRef', 'key');
    if (typeof key === 'string') yield { path: [...prefix, 'data', index, 'remoteRef', 'key'], key };
    const pushed = valueAt(entry, 'match', 'remoteRef', 'remoteKey');
    if (typeof pushed === 'string') {
      yield { path: [...prefix, 'data', index, 'match', 'remoteRef', 'remoteKey'], key: pushed };
    }
  }
  for (const [index, entry] of listOf(valueAt(spec, 'dataFrom')).entries()) {
    const key = valueAt(entry, 'extract', 'key');
    if (typeof key === 'string') yield { path: [...prefix, 'dataFrom', index, 'extract', 'key'], key };
    const find = valueAt(entry, 'find');
    if (!isMap(find)) continue;
    const place: Path = [...prefix, 'dataFrom', index, 'find'];
    // The provider takes no notice of the path where there are tags.
    if (isMap(find['tags'])) yield { path: [...place, 'tags'], key: '' };
    else if (typeof find['path'] === 'string' && find['path'] !== '')
      yield { path: [...place, 'path'], key: find['path'] };
    else yield { path: place, key: '' };
  }
}

/** A store that an ExternalSecret takes from or a PushSecret writes to, and where it names it. */
export interface StoreRef {
  path: Path;
  kind: 'SecretStore' | 'ClusterSecretStore';
  name: string;
}

/** The stores of an ExternalSecret or PushSecret: the one for all, and those of single entries. */
export function* storeRefs(spec: Json | undefined, prefix: Path): Generator<StoreRef> {
  yield* storeRef(valueAt(spec, 'secretStoreRef'), [...prefix, 'secretStoreRef']);
  for (const [index, ref] of listOf(valueAt(spec, 'secretStoreRefs')).entries()) {
    yield* storeRef(ref, [...prefix, 'secretStoreRefs', index]);
  }
  for (const field of ['data', 'dataFrom']) {
    for (const [index, entry] of listOf(valueAt(spec, field)).entries()) {
      yield* storeRef(valueAt(entry, 'sourceRef', 'storeRef'), [...prefix, field, index, 'sourceRef', 'storeRef']);
    }
  }
}

function* storeRef(ref: Json | undefined, prefix: Path): Generator<StoreRef> {
  const name = valueAt(ref, 'name');
  if (typeof name !== 'string') return;
  const kind = valueAt(ref, 'kind') === 'ClusterSecretStore' ? 'ClusterSecretStore' : 'SecretStore';
  yield { path: [...prefix, 'name'], kind, name };
}
