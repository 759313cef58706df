import { durationSeconds } from '../duration';
import { type Json, type JsonMap, describeObject, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { generatedFolder } from '../generate/generatedFiles';
import { releases, valuesOf } from './facts/charts';
import { inventoryOf } from './facts/existence';
import { selectsNamespaceByLabel } from './facts/namespaceLabels';
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
import { eachObject, findingAt, notCheckedAt, show } from './finding';
import { referenceRule } from './references';

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
      // What is generated has the passwords of the writers of all clusters.
      const others = secret.file.startsWith(`${generatedFolder(cluster.name)}/`) ? tree.clusters : [cluster];
      for (const { path, key } of vaultKeys(valueAt(secret.object, ...prefix), prefix)) {
        const owner = others.find(({ name }) => key.startsWith(`kubernetes/${name}/`)) ?? cluster;
        const wrong = wrongKey(key, owner.name);
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

/** The store in the tree that a reference of an object names. */
function storeOf(
  tree: Tree,
  cluster: TreeCluster,
  { object }: TreeObject,
  { kind, name }: StoreRef,
): TreeObject | undefined {
  const { namespace } = object.metadata;
  return inventoryOf(tree, cluster).declared({ kind: `external-secrets.io/${kind}`, namespace, name });
}

/** A store that Git does not declare. */
export const secretStoreMissing: Check = referenceRule(
  {
    id: 'secret-store-missing',
    severity: 'error',
    set: 'platform',
    why: 'Without its store the Secret is never created, and pods that need it never start.',
  },
  ({ tree, cluster, reference }) => {
    const inventory = inventoryOf(tree, cluster);
    const stores = ['ClusterSecretStore', 'SecretStore']
      .flatMap((kind) => inventory.ofKind(`external-secrets.io/${kind}`))
      .map(({ object }) => describeObject(object))
      .sort();
    const verb = isPushSecret(reference.object) ? 'writes to' : 'reads from';
    const hint = stores.length === 0 ? '' : `; existing stores: ${stores.join(', ')}`;
    const kind = reference.kind.slice(reference.kind.lastIndexOf('/') + 1);
    return {
      what: `${verb} ${kind} ${reference.name}, which does not exist${hint}`,
      todo: 'correct its name or its kind',
    };
  },
);

/** Whether the conditions of a store allow a namespace; a text says why that is unknown. */
function allowsNamespace(cluster: TreeCluster, store: TreeObject, namespace: string): boolean | string {
  const conditions = listOf(specOf(store.object)['conditions']);
  const answers = conditions.flatMap((condition): (boolean | string)[] => {
    const selector = valueAt(condition, 'namespaceSelector');
    const regexes = listOf(valueAt(condition, 'namespaceRegexes'));
    return [
      listOf(valueAt(condition, 'namespaces')).includes(namespace),
      selector === undefined ? false : selectsNamespaceByLabel(cluster, selector, namespace),
      // Go's expressions; those for names of namespaces are the same here.
      regexes.some((regex) => typeof regex === 'string' && new RegExp(regex).test(namespace)),
    ];
  });
  if (conditions.length === 0 || answers.includes(true)) return true;
  return answers.find((answer) => typeof answer === 'string') ?? false;
}

/** A store that refuses the namespace of a Secret that uses it. */
export const secretStoreRefuses: Check = {
  id: 'secret-store-refuses',
  severity: 'error',
  set: 'general',
  why: 'external-secrets refuses such a Secret: it is never created, and pods that need it never start.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const secret of cluster.objects) {
        const { namespace } = secret.object.metadata;
        if (namespace === undefined) continue;
        for (const ref of storeRefsOf(secret)) {
          const store = ref.kind === 'ClusterSecretStore' ? storeOf(tree, cluster, secret, ref) : undefined;
          if (store === undefined) continue;
          yield { places: 1 };
          const allows = allowsNamespace(cluster, store, namespace);
          const shown = `${ref.kind} ${ref.name}`;
          if (typeof allows === 'string') {
            yield notCheckedAt(cluster, secret, ref.path, allows, `whether ${shown} allows namespace ${namespace}`);
          } else if (!allows) {
            const what = `uses ${shown}, whose conditions leave out namespace ${namespace}`;
            const todo = `add ${namespace} to spec.conditions of the store, or use another store`;
            yield findingAt(tree, cluster, secret, ref.path, what, todo);
          }
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
      if (
        host !== undefined &&
        typeof connectHost === 'string' &&
        connectHost !== host &&
        !isOwnConnect(cluster, connectHost)
      ) {
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

/** Whether an address is a Connect of this cluster: a release of its chart has a certificate for the name. */
function isOwnConnect(cluster: TreeCluster, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  const secrets = [...releases(cluster)]
    .filter(({ chart }) => chart.name === 'connect')
    .map(({ release }) => valueAt(valuesOf(release.object), 'connect', 'tls', 'secret'));
  return cluster.objects.some(
    ({ object }) =>
      object.kind === 'Certificate' &&
      listOf(specOf(object)['dnsNames']).includes(hostname) &&
      secrets.includes(specOf(object)['secretName']),
  );
}

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
          const store = storeOf(tree, cluster, secret, ref);
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
