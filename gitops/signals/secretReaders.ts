import { isHelmRelease, valuesOf } from '../checks/facts/charts';
import { referencesOf } from '../checks/facts/references';
import { secretOf, secretSpecPath, vaultKeys } from '../checks/facts/secrets';
import { describeObject, valueAt } from '../kubernetesObject';
import type { TreeCluster, TreeObject } from '../tree';
import type { ClusterChange } from './clusterChange';
import { leavesOf } from './leaves';
import { type Found, type SignalRule, listedTexts } from './signal';

/** Who reads what: by the name of what is read, the objects that read it. */
type Readers = Map<string, Map<string, TreeObject>>;

function add(readers: Readers, read: string, by: TreeObject): void {
  const all = readers.get(read) ?? new Map<string, TreeObject>();
  readers.set(read, all.set(describeObject(by.object), by));
}

/** Secrets by `namespace/name`, with the objects that refer to them; in chart values, where the usual fields name them. */
function secretReaders(cluster: TreeCluster, chartObjects: readonly TreeObject[]): Readers {
  const readers: Readers = new Map();
  for (const { kind, namespace = '', name, object } of [
    ...referencesOf(cluster),
    ...referencesOf({ ...cluster, objects: [...chartObjects] }),
  ]) {
    if (kind === '/Secret') add(readers, `${namespace}/${name}`, object);
  }
  for (const release of cluster.objects) {
    if (!isHelmRelease(release.object)) continue;
    for (const { path, value } of leavesOf(valuesOf(release.object))) {
      const [parent, key] = [String(path.at(-2)), String(path.at(-1))];
      const isName =
        /^(existingSecret|secretName|existingSecretName)$/.test(key) ||
        (key === 'name' && /^(secretRef|secretKeyRef|existingSecret)$/.test(parent));
      if (isName && typeof value === 'string')
        add(readers, `${release.object.metadata.namespace ?? ''}/${value}`, release);
    }
  }
  return readers;
}

/** The Secrets that Git itself makes, by `namespace/name`. */
function secretsIn(cluster: TreeCluster): Set<string> {
  return new Set(
    cluster.objects.flatMap((object) => {
      const secret = secretOf(object);
      return secret?.namespace === undefined ? [] : [`${secret.namespace}/${secret.name}`];
    }),
  );
}

const chartSide = ({ pairs }: ClusterChange, side: 'before' | 'after'): TreeObject[] =>
  pairs.flatMap(({ [side]: object }) => (object?.release === undefined ? [] : [object]));

const secretReadByMore: SignalRule = {
  id: 'secret-read-by-more',
  severity: 'warning',
  when: 'an object reads a Secret that exists and that others use',
  why: 'who takes over any of its readers has the secret',
  todo: 'give the new reader a credential of its own where the service allows it',
  *find(change): Generator<Found> {
    const before = secretReaders(change.before, chartSide(change, 'before'));
    const after = secretReaders(change.after, chartSide(change, 'after'));
    const existed = secretsIn(change.before);
    for (const [name, readers] of after) {
      const old = before.get(name);
      if (old === undefined && !existed.has(name)) continue;
      // Who replaces the only reader adds none.
      if (readers.size <= (old?.size ?? 0)) continue;
      for (const [reader, at] of readers) {
        if (old?.has(reader) === true) continue;
        const others = [...readers.keys()].filter((other) => other !== reader);
        if (others.length === 0) continue;
        yield {
          at,
          what: `reads Secret ${name}, which ${listedTexts(others, 3)} read${others.length === 1 ? 's' : ''} too`,
        };
      }
    }
  },
};

/** Vault items, with the ExternalSecrets that read them. */
function itemReaders({ objects }: TreeCluster): Readers {
  const readers: Readers = new Map();
  for (const object of objects) {
    const path = secretSpecPath(object);
    if (path === undefined || object.object.kind.endsWith('PushSecret')) continue;
    for (const { key } of vaultKeys(valueAt(object.object, ...path), path)) if (key !== '') add(readers, key, object);
  }
  return readers;
}

const itemReadByMore: SignalRule = {
  id: 'vault-item-read-by-more',
  severity: 'note',
  when: 'another ExternalSecret reads a vault item that others read',
  why: 'the credential is in one more namespace, and its rotation reaches one more app',
  todo: 'give the new reader an item of its own where the service allows it',
  *find(change): Generator<Found> {
    const before = itemReaders(change.before);
    for (const [item, readers] of itemReaders(change.after)) {
      const old = before.get(item);
      if (old === undefined || readers.size <= old.size) continue;
      const added = [...readers].filter(([name]) => !old.has(name));
      for (const [, at] of added) {
        yield {
          at,
          what: `reads the vault item ${item}, which ${listedTexts([...old.keys()], 3)} read${old.size === 1 ? 's' : ''} too`,
        };
      }
    }
  },
};

/** Signals about who reads secrets. */
export const secretRules: readonly SignalRule[] = [secretReadByMore, itemReadByMore];
