import { type Json, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { ProgramFacts, TreeCluster, TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';

const pruneAnnotation = 'kustomize.toolkit.fluxcd.io/prune';

/** A namespace of the program's that Flux may delete. */
export const namespacePrunable: Check = {
  id: 'namespace-prunable',
  severity: 'error',
  set: 'platform',
  why: 'Deleting a namespace deletes the platform in it.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of cluster.objects) {
        const { kind, metadata } = object.object;
        if (kind !== 'Namespace' || tree.program?.namespaces.includes(metadata.name) !== true) continue;
        const value = valueAt(metadata, 'annotations', pruneAnnotation);
        // Spelt exactly as the program does: server-side apply takes another spelling for another owner's change.
        if (value === 'Disabled') continue;
        const path = ['metadata', ...(value === undefined ? [] : ['annotations', pruneAnnotation])];
        const what = `is made by the program and ${value === undefined ? `has no annotation ${pruneAnnotation}` : `has ${pruneAnnotation}: ${JSON.stringify(value)}`}`;
        yield about(tree, cluster, object, path, what, `annotate it with ${pruneAnnotation}: Disabled`);
      }
    }
  },
};

/** The Secrets that the program seeds on a cluster. */
function seeded(program: ProgramFacts | undefined, cluster: TreeCluster): { namespace: string; name: string }[] {
  return (program?.secrets ?? []).flatMap((secret) => {
    if ('name' in secret) return [secret];
    const values = cluster.kustomizations.map(({ variables }) => variables[secret.setting]);
    const name = values.find((value) => value !== undefined);
    return name === undefined ? [] : [{ namespace: secret.namespace, name }];
  });
}

/** The Secret that an object is or makes. */
function secretOf({ object }: TreeObject): { namespace?: string; name: string; path: Path } | undefined {
  const { namespace, name } = object.metadata;
  const group = groupOf(object);
  const named = (value: Json | undefined, path: Path): { namespace?: string; name: string; path: Path } =>
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

/** A Secret of the program's that Git makes, too. */
export const seededSecretRendered: Check = {
  id: 'seeded-secret-rendered',
  severity: 'error',
  set: 'platform',
  why: 'The program seeds this Secret before Flux is there and keeps it right; a second owner overwrites or prunes it.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const secrets = seeded(tree.program, cluster);
      for (const object of cluster.objects) {
        const made = secretOf(object);
        const own = secrets.find(
          ({ namespace, name }) => name === made?.name && (made.namespace ?? namespace) === namespace,
        );
        if (made === undefined || own === undefined) continue;
        const what = `makes Secret ${own.namespace}/${own.name}, which the program seeds`;
        yield about(tree, cluster, object, made.path, what, 'remove it, or give the Secret another name');
      }
    }
  },
};

/** A core release that Flux would install under another name or place than the program did. */
export const coreReleaseRenamed: Check = {
  id: 'core-release-renamed',
  severity: 'error',
  set: 'platform',
  why: 'Flux takes over only the very release that the program installed; another name or place is a second installation.',
  *run(tree): Generator<RawFinding> {
    const { program } = tree;
    for (const cluster of tree.clusters) {
      for (const name of program?.releases ?? []) {
        const id = `${program?.fluxNamespace ?? ''}/${name}`;
        const found = cluster.objects.filter((one) => one.kustomization === id && isHelmRelease(one.object));
        for (const release of found) yield* misplaced(tree, cluster, release, name);
        const [, second] = found;
        if (second !== undefined) {
          const what = `is a second HelmRelease in Kustomization ${name}, whose one release the program installs first`;
          yield about(tree, cluster, second, [], what, 'move it to a Kustomization of its own');
        }
      }
    }
  },
};

function* misplaced(
  tree: Parameters<Check['run']>[0],
  cluster: TreeCluster,
  release: TreeObject,
  name: string,
): Generator<RawFinding> {
  const { metadata } = release.object;
  const spec = specOf(release.object);
  if (metadata.name !== name) {
    const what = `is the release of Kustomization ${name} and has another name`;
    yield about(tree, cluster, release, ['metadata', 'name'], what, `name it ${name}`);
    return;
  }
  const expected = { releaseName: name, targetNamespace: metadata.namespace, storageNamespace: metadata.namespace };
  for (const [field, value] of Object.entries(expected)) {
    if (spec[field] === undefined || spec[field] === value) continue;
    const what = `has spec.${field}: ${JSON.stringify(spec[field])}, where the release is ${String(value)}`;
    yield about(tree, cluster, release, ['spec', field], what, `remove spec.${field}`);
  }
}
