import { describeObject, groupOf, specOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { fluxInstances, fluxSyncs } from './facts/fluxInstance';
import { secretOf, seededSecrets } from './facts/secrets';
import { eachObject, findingAt } from './finding';

/** Objects that a FluxInstance manages and Git declares as well. */
export const fluxOwnedTwice: Check = {
  id: 'flux-owned-twice',
  severity: 'error',
  set: 'platform',
  why: 'FluxInstance keeps reconciling its own objects: a second owner fights it, and its pruning deletes them.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const syncs = fluxSyncs(cluster);
      const namespaces = new Set(fluxInstances(cluster).map(({ namespace }) => namespace));
      for (const object of cluster.objects) {
        const { kind, metadata } = object.object;
        const { name, namespace = '' } = metadata;
        const group = groupOf(object.object);
        const isSync = syncs.some(
          (sync) =>
            sync.namespace === namespace &&
            sync.name === name &&
            ((group === 'source.toolkit.fluxcd.io' && kind === sync.kind) ||
              (group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization')),
        );
        const isController =
          namespaces.has(namespace) &&
          ['Deployment', 'Service', 'ServiceAccount'].includes(kind) &&
          /^(source|kustomize|helm|notification|image-(reflector|automation))-controller$|^source-watcher$/.test(name);
        const isCrd = namespaces.size > 0 && kind === 'CustomResourceDefinition' && name.endsWith('.toolkit.fluxcd.io');
        if (!isSync && !isController && !isCrd) continue;
        const what = 'is declared in Git although FluxInstance manages it';
        const todo = 'remove it from Git; configure it through the FluxInstance';
        yield findingAt(tree, cluster, object, [], what, todo);
      }
    }
  },
};

/** A core release that Flux would install under another name or in another namespace than the program. */
export const coreReleaseRenamed: Check = {
  id: 'core-release-renamed',
  severity: 'error',
  set: 'platform',
  why: 'Flux only adopts the exact release that the program installed; another name or namespace is a second installation.',
  *run(tree): Generator<RawFinding> {
    const { program } = tree;
    for (const cluster of tree.clusters) {
      for (const name of program?.releases ?? []) {
        const id = `${program?.fluxNamespace ?? ''}/${name}`;
        const found = cluster.objects.filter(
          ({ kustomization, object }) => kustomization === id && isHelmRelease(object),
        );
        for (const release of found) yield* misplaced(tree, cluster, release, name);
        const [, second] = found;
        if (second !== undefined) {
          const what = `is a second HelmRelease in Kustomization ${name}, whose only release the program installs first`;
          yield findingAt(tree, cluster, second, [], what, 'move it to its own Kustomization');
        }
      }
    }
  },
};

function* misplaced(tree: Tree, cluster: TreeCluster, release: TreeObject, name: string): Generator<RawFinding> {
  const { metadata } = release.object;
  const spec = specOf(release.object);
  if (metadata.name !== name) {
    const what = `is the release of Kustomization ${name} but has another name`;
    yield findingAt(tree, cluster, release, ['metadata', 'name'], what, `name it ${name}`);
    return;
  }
  const expected = { releaseName: name, targetNamespace: metadata.namespace, storageNamespace: metadata.namespace };
  for (const [field, value] of Object.entries(expected)) {
    if (spec[field] === undefined || spec[field] === value) continue;
    const what = `has spec.${field}: ${JSON.stringify(spec[field])}, but the program's release uses ${String(value)}`;
    yield findingAt(tree, cluster, release, ['spec', field], what, `remove spec.${field}`);
  }
}

/** A Secret that several objects in Git create. */
export const secretMadeTwice: Check = {
  id: 'secret-made-twice',
  severity: 'error',
  set: 'platform',
  why: 'Only the first of them gets the Secret; the others fail, or they keep overwriting each other.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const creators = new Map<string, TreeObject>();
      for (const object of cluster.objects) {
        const secret = secretOf(object);
        if (secret?.namespace === undefined || onlyMerges(object)) continue;
        const id = `${secret.namespace}/${secret.name}`;
        const first = creators.get(id);
        if (first === undefined) {
          creators.set(id, object);
          continue;
        }
        // The same object twice is reported by object-twice.
        if (describeObject(first.object) === describeObject(object.object)) continue;
        const what = `creates Secret ${id}, which ${describeObject(first.object)} also creates`;
        yield findingAt(tree, cluster, object, secret.path, what, 'give one of the Secrets another name');
      }
    }
  },
};

/** Whether an ExternalSecret only adds to an existing Secret, or creates none. */
function onlyMerges({ object }: TreeObject): boolean {
  const policy = valueAt(specOf(object), 'target', 'creationPolicy');
  return object.kind === 'ExternalSecret' && (policy === 'Merge' || policy === 'None');
}

/** A Secret that the program seeds and Git creates as well. */
export const seededSecretRendered: Check = {
  id: 'seeded-secret-rendered',
  severity: 'error',
  set: 'platform',
  why: 'The program seeds this Secret before Flux runs and keeps it up to date; a second owner overwrites or prunes it.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const secrets = seededSecrets(tree.program, cluster);
      for (const object of cluster.objects) {
        const secret = secretOf(object);
        const seeded = secrets.find(
          ({ namespace, name }) => name === secret?.name && (secret.namespace ?? namespace) === namespace,
        );
        if (secret === undefined || seeded === undefined) continue;
        const what = `creates Secret ${seeded.namespace}/${seeded.name}, which the program seeds`;
        yield findingAt(tree, cluster, object, secret.path, what, 'remove it, or give the Secret another name');
      }
    }
  },
};

/** A ConfigMap that the program seeds and Git declares as well. */
export const seededConfigMapRendered: Check = {
  id: 'seeded-config-map-rendered',
  severity: 'error',
  set: 'platform',
  why: 'The program seeds this ConfigMap before Flux runs and keeps it up to date; a second owner overwrites or prunes it.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, object] of eachObject(tree)) {
      if (object.object.kind !== 'ConfigMap' || groupOf(object.object) !== '') continue;
      const own = object.object.metadata;
      const seeded = tree.program?.configMaps.find(
        ({ namespace, name }) => name === own.name && (own.namespace ?? namespace) === namespace,
      );
      if (seeded === undefined) continue;
      const what = `is ConfigMap ${seeded.namespace}/${seeded.name}, which the program seeds`;
      yield findingAt(tree, cluster, object, ['metadata', 'name'], what, 'remove it, or give it another name');
    }
  },
};
