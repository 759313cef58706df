import { type JsonMap, isMap, specOf, valueAt } from '../../kubernetesObject';
import { type TreeCluster, type TreeObject, isComplete } from '../../tree';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { settingOf } from '../network/facts';
import { seededSecrets } from '../ownership/seeded';
import { type StoreRef, isKind, isPush, specPath, storeRefs } from './secretRefs';

const provider = ['spec', 'provider', 'onepassword'];

/** What a store says of 1Password; nothing if it is no store, or one of something else. */
function onePassword({ object }: TreeObject): JsonMap | undefined {
  if (!isKind(object, 'SecretStore', 'ClusterSecretStore')) return undefined;
  const found = valueAt(specOf(object), 'provider', 'onepassword');
  return isMap(found) ? found : undefined;
}

/** What an ExternalSecret or PushSecret names its stores by. */
function refsOf(one: TreeObject): StoreRef[] {
  const prefix = specPath(one);
  return prefix === undefined ? [] : [...storeRefs(valueAt(one.object, ...prefix), prefix)];
}

/** The store that an object names. */
function storeOf(cluster: TreeCluster, { object }: TreeObject, { kind, name }: StoreRef): TreeObject | undefined {
  const namespace = kind === 'ClusterSecretStore' ? undefined : object.metadata.namespace;
  return cluster.objects.find(
    ({ object: store }) =>
      isKind(store, kind) && store.metadata.name === name && store.metadata.namespace === namespace,
  );
}

/** A store that Git does not have. */
export const secretStoreMissing: Check = {
  id: 'secret-store-missing',
  severity: 'error',
  set: 'platform',
  why: 'Without its store the Secret is never made, and pods that need it never start.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const there = cluster.objects
        .filter(({ object }) => isKind(object, 'SecretStore', 'ClusterSecretStore'))
        .map(({ object: { kind, metadata } }) => [kind, metadata.namespace, metadata.name].filter(Boolean))
        .map(([kind = '', ...name]) => `${kind} ${name.join('/')}`)
        .sort();
      for (const one of cluster.objects) {
        for (const ref of refsOf(one)) {
          // The namespaces that a cluster-wide kind chooses are not known here.
          if (ref.kind === 'SecretStore' && one.object.metadata.namespace === undefined) continue;
          if (storeOf(cluster, one, ref) !== undefined) continue;
          const verb = isPush(one) ? 'writes to' : 'takes from';
          const what = `${verb} ${ref.kind} ${ref.name}, which is not there${there.length === 0 ? '' : `; there is ${there.join(', ')}`}`;
          yield about(tree, cluster, one, ref.path, what, 'correct its name or its kind');
        }
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
      const host = onePassword(one)?.['connectHost'];
      if (typeof host !== 'string' || host.startsWith('https://')) continue;
      const todo = 'give Connect a certificate, and use https://';
      yield about(tree, cluster, one, [...provider, 'connectHost'], `asks ${host}, without TLS`, todo);
    }
  },
};

/** A store that asks elsewhere than the program does. */
export const secretStoreElsewhere: Check = {
  id: 'secret-store-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'The program makes items, and preflight looks for those of people, in the one vault of the settings only.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const store = onePassword(one);
      if (store === undefined) continue;
      const host = settingOf(cluster, 'ONEPASSWORD_CONNECT_HOST');
      const asked = store['connectHost'];
      if (host !== undefined && typeof asked === 'string' && asked !== host) {
        const what = `asks ${asked}, where the settings have ${host}`;
        const todo = 'ask ${ONEPASSWORD_CONNECT_HOST}';
        yield about(tree, cluster, one, [...provider, 'connectHost'], what, todo);
      }
      const vault = settingOf(cluster, 'ONEPASSWORD_VAULT');
      const vaults = isMap(store['vaults']) ? Object.keys(store['vaults']) : [];
      if (vault === undefined || vaults.length === 0 || vaults.every((name) => name === vault)) continue;
      const what = `looks into ${vaults.join(', ')}, where the settings have the vault ${vault}`;
      yield about(tree, cluster, one, [...provider, 'vaults'], what, 'look into ${ONEPASSWORD_VAULT} alone');
    }
  },
};

/** A PushSecret that may not write. */
export const pushSecretReadsOnly: Check = {
  id: 'push-secret-reads-only',
  severity: 'error',
  set: 'platform',
  why: 'The token that the program seeds may only read; the one that writes is never in a cluster.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const seeded = seededSecrets(tree.program, cluster).map(({ name }) => name);
      for (const one of cluster.objects.filter(isPush)) {
        for (const ref of refsOf(one)) {
          const store = storeOf(cluster, one, ref);
          const token = valueAt(store && onePassword(store), 'auth', 'secretRef', 'connectTokenSecretRef', 'name');
          if (typeof token !== 'string' || !seeded.includes(token)) continue;
          const what = `writes by ${ref.kind} ${ref.name}, whose token may only read`;
          const todo = 'let the program make the item, or put it into the vault by hand';
          yield about(tree, cluster, one, ref.path, what, todo);
        }
      }
    }
  },
};
