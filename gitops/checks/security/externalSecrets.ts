import { type Json, type KubernetesObject, groupOf, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import { type TreeObject, isComplete } from '../../tree';
import { type Path, about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';

const group = 'external-secrets.io';

function isKind(object: KubernetesObject, ...kinds: string[]): boolean {
  return groupOf(object) === group && kinds.includes(object.kind);
}

/** Where the spec of an ExternalSecret or PushSecret is; a ClusterExternalSecret holds that of those it makes. */
function specPath({ object }: TreeObject): string[] | undefined {
  if (isKind(object, 'ExternalSecret', 'PushSecret')) return ['spec'];
  return isKind(object, 'ClusterExternalSecret') ? ['spec', 'externalSecretSpec'] : undefined;
}

/** The items of the vault that an ExternalSecret reads or a PushSecret writes, each where it names it. */
function* keys(spec: Json | undefined, prefix: Path): Generator<{ path: Path; key: string }> {
  const list = (field: string): Json[] => listOf(valueAt(spec, field));
  for (const [index, entry] of list('data').entries()) {
    const key = valueAt(entry, 'remoteRef', 'key');
    if (typeof key === 'string') yield { path: [...prefix, 'data', index, 'remoteRef', 'key'], key };
    const pushed = valueAt(entry, 'match', 'remoteRef', 'remoteKey');
    if (typeof pushed === 'string') {
      yield { path: [...prefix, 'data', index, 'match', 'remoteRef', 'remoteKey'], key: pushed };
    }
  }
  for (const [index, entry] of list('dataFrom').entries()) {
    const key = valueAt(entry, 'extract', 'key');
    if (typeof key === 'string') yield { path: [...prefix, 'dataFrom', index, 'extract', 'key'], key };
    const find = valueAt(entry, 'find');
    if (!isMap(find)) continue;
    // Without a path it looks through all of the vault.
    const path = typeof find['path'] === 'string' ? find['path'] : '';
    yield { path: [...prefix, 'dataFrom', index, 'find', ...(path === '' ? [] : ['path'])], key: path };
  }
}

/** A secret of somebody else's part of the vault. */
export const externalSecretKey: Check = {
  id: 'external-secret-key',
  severity: 'error',
  set: 'platform',
  why: "A cluster reads its own part of the vault and the shared one: an item elsewhere is another cluster's, or not there.",
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const prefix = specPath(one);
      if (prefix === undefined) continue;
      for (const { path, key } of keys(valueAt(one.object, ...prefix), prefix)) {
        const allowed = [`kubernetes/${cluster.name}/`, 'kubernetes/shared/'];
        if (allowed.some((start) => key.startsWith(start) && key.length > start.length)) continue;
        const what = key === '' ? 'looks through the whole vault' : `names ${key}`;
        const todo = 'name an item below kubernetes/<cluster>/ or kubernetes/shared/';
        yield about(tree, cluster, one, path, `${what}, outside of the cluster's part of the vault`, todo);
      }
    }
  },
};

/** A store that Git does not have. */
export const secretStoreMissing: Check = {
  id: 'secret-store-missing',
  severity: 'error',
  set: 'platform',
  why: 'Without its store the Secret is never made, and pods that need it never start.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const stores = new Set(
        cluster.objects
          .filter(({ object }) => isKind(object, 'SecretStore', 'ClusterSecretStore'))
          .map(({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
      );
      for (const one of cluster.objects) {
        const prefix = specPath(one);
        const reference = prefix === undefined ? undefined : valueAt(one.object, ...prefix, 'secretStoreRef');
        const name = valueAt(reference, 'name');
        if (prefix === undefined || typeof name !== 'string') continue;
        const clusterwide = valueAt(reference, 'kind') === 'ClusterSecretStore';
        // The namespaces that a ClusterExternalSecret chooses are not known here.
        if (!clusterwide && one.object.kind === 'ClusterExternalSecret') continue;
        const kind = clusterwide ? 'ClusterSecretStore' : 'SecretStore';
        const namespace = clusterwide ? '' : (one.object.metadata.namespace ?? '');
        if (stores.has(`${kind} ${namespace}/${name}`)) continue;
        const there = [...stores].map((store) => store.replace(' /', ' ')).sort();
        const what = `takes from ${kind} ${name}, which is not there${there.length === 0 ? '' : `; there is ${there.join(', ')}`}`;
        yield about(tree, cluster, one, [...prefix, 'secretStoreRef', 'name'], what, 'correct its name or its kind');
      }
    }
  },
};

/** A vault that is asked in plain text. */
export const secretStoreWithoutTls: Check = {
  id: 'secret-store-without-tls',
  severity: 'error',
  set: 'platform',
  why: 'The token that opens the vault, and all secrets, would cross the network for everybody to read.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      if (!isKind(one.object, 'SecretStore', 'ClusterSecretStore')) continue;
      const host = valueAt(specOf(one.object), 'provider', 'onepassword', 'connectHost');
      if (typeof host !== 'string' || host.startsWith('https://')) continue;
      const path = ['spec', 'provider', 'onepassword', 'connectHost'];
      yield about(
        tree,
        cluster,
        one,
        path,
        `asks ${host}, without TLS`,
        'give Connect a certificate, and use https://',
      );
    }
  },
};
