import { type Json, type KubernetesObject, groupOf, isMap, listOf, specOf, valueAt } from '../../kubernetesObject';
import type { ObjectPath } from '../../sources';
import type { ProgramFacts, TreeCluster, TreeObject } from '../../tree';

/** The Secret that an object is or creates, and where its name is set; without a namespace if that is unknown. */
export function secretOf({
  object,
}: Pick<TreeObject, 'object'>): { namespace?: string; name: string; path: ObjectPath } | undefined {
  const { namespace, name } = object.metadata;
  const group = groupOf(object);
  const named = (value: Json | undefined, path: ObjectPath): { namespace?: string; name: string; path: ObjectPath } =>
    typeof value === 'string' ? { namespace, name: value, path } : { namespace, name, path: ['metadata', 'name'] };
  if (object.kind === 'Secret' && group === '') return named(name, ['metadata', 'name']);
  if (object.kind === 'ExternalSecret' && group === 'external-secrets.io') {
    return named(valueAt(specOf(object), 'target', 'name'), ['spec', 'target', 'name']);
  }
  if (object.kind === 'ClusterExternalSecret' && group === 'external-secrets.io') {
    const target = valueAt(specOf(object), 'externalSecretSpec', 'target', 'name');
    const path = ['spec', 'externalSecretSpec', 'target', 'name'];
    return { ...named(target ?? valueAt(specOf(object), 'externalSecretName'), path), namespace: undefined };
  }
  if (object.kind === 'SealedSecret') {
    return named(valueAt(specOf(object), 'template', 'metadata', 'name'), ['spec', 'template', 'metadata', 'name']);
  }
  if (object.kind === 'Certificate' && group === 'cert-manager.io') {
    return named(specOf(object)['secretName'], ['spec', 'secretName']);
  }
  return undefined;
}

/** The Secrets that the program seeds on a cluster. */
export function seededSecrets(
  program: ProgramFacts | undefined,
  cluster: TreeCluster,
): { namespace: string; name: string }[] {
  return (program?.secrets ?? []).flatMap((secret) => {
    if ('name' in secret) return [secret];
    const values = cluster.kustomizations.map(({ variables }) => variables[secret.setting]);
    const name = values.find((value) => value !== undefined);
    return name === undefined ? [] : [{ namespace: secret.namespace, name }];
  });
}

/** Whether an object is an external-secrets.io object of one of the given kinds. */
export function isExternalSecretsKind(object: KubernetesObject, ...kinds: string[]): boolean {
  return groupOf(object) === 'external-secrets.io' && kinds.includes(object.kind);
}

/** The path of the spec of an ExternalSecret or PushSecret; the cluster-wide kinds embed the spec of what they create. */
export function secretSpecPath({ object }: TreeObject): string[] | undefined {
  if (isExternalSecretsKind(object, 'ExternalSecret', 'PushSecret')) return ['spec'];
  if (isExternalSecretsKind(object, 'ClusterExternalSecret')) return ['spec', 'externalSecretSpec'];
  return isExternalSecretsKind(object, 'ClusterPushSecret') ? ['spec', 'pushSecretSpec'] : undefined;
}

/** Whether an object writes to the vault. */
export function isPushSecret({ object }: TreeObject): boolean {
  return isExternalSecretsKind(object, 'PushSecret', 'ClusterPushSecret');
}

/** The vault items that an ExternalSecret reads or a PushSecret writes, with their paths; an empty key means all items. */
export function* vaultKeys(spec: Json | undefined, prefix: ObjectPath): Generator<{ path: ObjectPath; key: string }> {
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
    const path: ObjectPath = [...prefix, 'dataFrom', index, 'find'];
    // The provider ignores the path if there are tags.
    if (isMap(find['tags'])) yield { path: [...path, 'tags'], key: '' };
    else if (typeof find['path'] === 'string' && find['path'] !== '')
      yield { path: [...path, 'path'], key: find['path'] };
    else yield { path, key: '' };
  }
}

/** A reference of an ExternalSecret or PushSecret to its store; the path is that of the store's name. */
export interface StoreRef {
  path: ObjectPath;
  kind: 'SecretStore' | 'ClusterSecretStore';
  name: string;
}

/** The stores of an ExternalSecret or PushSecret: the common one, and those of individual entries. */
export function* storeRefs(spec: Json | undefined, prefix: ObjectPath): Generator<StoreRef> {
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

function* storeRef(ref: Json | undefined, prefix: ObjectPath): Generator<StoreRef> {
  const name = valueAt(ref, 'name');
  if (typeof name !== 'string') return;
  const kind = valueAt(ref, 'kind') === 'ClusterSecretStore' ? 'ClusterSecretStore' : 'SecretStore';
  yield { path: [...prefix, 'name'], kind, name };
}
