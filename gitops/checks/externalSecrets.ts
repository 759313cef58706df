import { durationSeconds } from '../duration';
import { type Json, type JsonMap, isMap, specOf, valueAt } from '../kubernetesObject';
import { type TreeCluster, type TreeObject, isComplete } from '../tree';
import type { Check, RawFinding } from './check';
import {
  type StoreRef,
  isExternalSecretsKind,
  isPushSecret,
  secretSpecPath,
  seededSecrets,
  storeRefs,
  vaultKeys,
} from './facts/secrets';
import { settingOf } from './facts/settings';
import { eachObject, findingAt, show } from './finding';

/** A reference to another cluster's part of the vault, or to a title that none of our items can have. */
export const externalSecretKey: Check = {
  id: 'external-secret-key',
  severity: 'error',
  set: 'platform',
  why: "A cluster may use its own part of the vault and the shared one: any other item is another cluster's or does not exist.",
  *run(tree): Generator<RawFinding> {
    for (const [cluster, secret] of eachObject(tree)) {
      const prefix = secretSpecPath(secret);
      if (prefix === undefined) continue;
      for (const { path, key } of vaultKeys(valueAt(secret.object, ...prefix), prefix)) {
        const wrong = wrongKey(key, cluster.name);
        if (wrong !== undefined) yield findingAt(tree, cluster, secret, path, wrong.what, wrong.todo);
      }
    }
  },
};

/** What is wrong with a key, which must be the full title of an item. */
function wrongKey(key: string, cluster: string): { what: string; todo: string } | undefined {
  const start = [`kubernetes/${cluster}/`, 'kubernetes/shared/'].find((allowed) => key.startsWith(allowed));
  if (start === undefined) {
    const what = key === '' ? 'searches the entire vault' : `refers to ${key}`;
    const todo = 'use an item under kubernetes/<cluster>/ or kubernetes/shared/';
    return { what: `${what}, outside the cluster's part of the vault`, todo };
  }
  const valid = key
    .slice(start.length)
    .split('/')
    .every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
  if (valid) return undefined;
  return {
    what: `refers to ${show(key)}, which is not a valid item title`,
    todo: `name it ${start}<app>, using lowercase letters, digits and hyphens`,
  };
}

/** The longest that a Secret may lag behind the vault. */
const maxRefreshSeconds = 3600;

/** A Secret that picks up changes in the vault late or never. */
export const externalSecretStale: Check = {
  id: 'external-secret-stale',
  severity: 'error',
  set: 'platform',
  why: 'A rotated secret has to reach the cluster within the hour: the runbooks rely on it.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, secret] of eachObject(tree)) {
      const prefix = secretSpecPath(secret);
      if (prefix === undefined || isPushSecret(secret)) continue;
      const spec = valueAt(secret.object, ...prefix);
      // The output of a generator alone would be regenerated every time.
      if (vaultKeys(spec, prefix).next().done === true) continue;
      const wrong = refreshProblem(spec);
      if (wrong === undefined) continue;
      const todo = `remove it, or set refreshInterval to one hour or less`;
      yield findingAt(tree, cluster, secret, [...prefix, wrong.field], wrong.what, todo);
    }
  },
};

function refreshProblem(spec: Json | undefined): { field: string; what: string } | undefined {
  const policy = valueAt(spec, 'refreshPolicy');
  if (policy === 'CreatedOnce' || policy === 'OnChange') {
    return {
      field: 'refreshPolicy',
      what: `reads the vault only when it is created or changed (refreshPolicy: ${policy})`,
    };
  }
  const field = 'refreshInterval';
  const interval = valueAt(spec, field);
  const seconds = interval === '0' || interval === 0 ? 0 : durationSeconds(interval);
  if (seconds === 0) return { field, what: `reads the vault only once (refreshInterval: ${show(interval)})` };
  if (seconds === undefined || seconds <= maxRefreshSeconds) return undefined;
  return { field, what: `reads the vault only every ${show(interval)}` };
}

const providerPath = ['spec', 'provider', 'onepassword'];

/** The 1Password provider of a store; undefined for any other object. */
function onePasswordProvider({ object }: TreeObject): JsonMap | undefined {
  if (!isExternalSecretsKind(object, 'SecretStore', 'ClusterSecretStore')) return undefined;
  const found = valueAt(specOf(object), 'provider', 'onepassword');
  return isMap(found) ? found : undefined;
}

/** The store references of an ExternalSecret or PushSecret. */
function storeRefsOf(secret: TreeObject): StoreRef[] {
  const prefix = secretSpecPath(secret);
  return prefix === undefined ? [] : [...storeRefs(valueAt(secret.object, ...prefix), prefix)];
}

/** The store that a reference of an object resolves to. */
function storeOf(cluster: TreeCluster, { object }: TreeObject, { kind, name }: StoreRef): TreeObject | undefined {
  const namespace = kind === 'ClusterSecretStore' ? undefined : object.metadata.namespace;
  return cluster.objects.find(
    ({ object: store }) =>
      isExternalSecretsKind(store, kind) && store.metadata.name === name && store.metadata.namespace === namespace,
  );
}

/** A store that Git does not declare. */
export const secretStoreMissing: Check = {
  id: 'secret-store-missing',
  severity: 'error',
  set: 'platform',
  why: 'Without its store the Secret is never created, and pods that need it never start.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const stores = cluster.objects
        .filter(({ object }) => isExternalSecretsKind(object, 'SecretStore', 'ClusterSecretStore'))
        .map(({ object: { kind, metadata } }) => [kind, metadata.namespace, metadata.name].filter(Boolean))
        .map(([kind = '', ...name]) => `${kind} ${name.join('/')}`)
        .sort();
      for (const secret of cluster.objects) {
        for (const ref of storeRefsOf(secret)) {
          // Which namespaces a cluster-wide kind selects is unknown here.
          if (ref.kind === 'SecretStore' && secret.object.metadata.namespace === undefined) continue;
          if (storeOf(cluster, secret, ref) !== undefined) continue;
          const verb = isPushSecret(secret) ? 'writes to' : 'reads from';
          const hint = stores.length === 0 ? '' : `; existing stores: ${stores.join(', ')}`;
          const what = `${verb} ${ref.kind} ${ref.name}, which does not exist${hint}`;
          yield findingAt(tree, cluster, secret, ref.path, what, 'correct its name or its kind');
        }
      }
    }
  },
};

/** A store that contacts the vault without TLS. */
export const secretStoreWithoutTls: Check = {
  id: 'secret-store-without-tls',
  severity: 'error',
  set: 'platform',
  why: 'The token for the vault, and every secret, would cross the network in plain text.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, store] of eachObject(tree)) {
      const host = onePasswordProvider(store)?.['connectHost'];
      if (typeof host !== 'string' || host.startsWith('https://')) continue;
      const todo = 'give Connect a certificate, and use https://';
      yield findingAt(tree, cluster, store, [...providerPath, 'connectHost'], `connects to ${host} without TLS`, todo);
    }
  },
};

/** A store that uses another server or vault than the program. */
export const secretStoreElsewhere: Check = {
  id: 'secret-store-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'The program creates its items, and preflight looks for manually created ones, only in the vault of the settings.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, store] of eachObject(tree)) {
      const provider = onePasswordProvider(store);
      if (provider === undefined) continue;
      const host = settingOf(cluster, 'ONEPASSWORD_CONNECT_HOST');
      const connectHost = provider['connectHost'];
      if (host !== undefined && typeof connectHost === 'string' && connectHost !== host) {
        const what = `connects to ${connectHost}, but the settings have ${host}`;
        const todo = 'use ${ONEPASSWORD_CONNECT_HOST}';
        yield findingAt(tree, cluster, store, [...providerPath, 'connectHost'], what, todo);
      }
      const vault = settingOf(cluster, 'ONEPASSWORD_VAULT');
      const vaults = isMap(provider['vaults']) ? Object.keys(provider['vaults']) : [];
      if (vault === undefined || vaults.length === 0 || vaults.every((name) => name === vault)) continue;
      const what = `searches ${vaults.join(', ')}, but the settings have the vault ${vault}`;
      const todo = 'use only ${ONEPASSWORD_VAULT}';
      yield findingAt(tree, cluster, store, [...providerPath, 'vaults'], what, todo);
    }
  },
};

/** A PushSecret whose token cannot write. */
export const pushSecretReadsOnly: Check = {
  id: 'push-secret-reads-only',
  severity: 'error',
  set: 'platform',
  why: 'The token that the program seeds is read-only; the one that can write never enters a cluster.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const seeded = seededSecrets(tree.program, cluster).map(({ name }) => name);
      for (const secret of cluster.objects.filter(isPushSecret)) {
        for (const ref of storeRefsOf(secret)) {
          const store = storeOf(cluster, secret, ref);
          const provider = store && onePasswordProvider(store);
          const token = valueAt(provider, 'auth', 'secretRef', 'connectTokenSecretRef', 'name');
          if (typeof token !== 'string' || !seeded.includes(token)) continue;
          const what = `writes through ${ref.kind} ${ref.name}, whose token is read-only`;
          const todo = 'let the program generate the item, or create it in the vault manually';
          yield findingAt(tree, cluster, secret, ref.path, what, todo);
        }
      }
    }
  },
};
