import { specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { about } from '../about';
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
