import { groupOf, specOf, valueAt } from '../../kubernetesObject';
import { type Tree, type TreeCluster, type TreeObject, isComplete } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';
import { readyBefore } from './dependencies';

const builtIn = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The Kustomizations that make each namespace of a cluster. */
function makers(cluster: TreeCluster): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (namespace: unknown, { kustomization }: TreeObject): void => {
    if (typeof namespace !== 'string') return;
    found.set(namespace, (found.get(namespace) ?? new Set()).add(kustomization));
  };
  for (const one of cluster.objects) {
    const { object } = one;
    if (object.kind === 'Namespace' && groupOf(object) === '') add(object.metadata.name, one);
    if (isHelmRelease(object) && valueAt(specOf(object), 'install', 'createNamespace') === true) {
      add(specOf(object)['targetNamespace'] ?? object.metadata.namespace, one);
    }
  }
  return found;
}

/** The namespaces that an object needs, each where it names it. */
function* needed({ object }: TreeObject): Generator<{ namespace: string; path: Path }> {
  const { namespace } = object.metadata;
  if (namespace !== undefined) yield { namespace, path: ['metadata', 'namespace'] };
  if (!isHelmRelease(object)) return;
  for (const field of ['targetNamespace', 'storageNamespace']) {
    const value = specOf(object)[field];
    if (typeof value === 'string' && value !== namespace) yield { namespace: value, path: ['spec', field] };
  }
}

interface Use {
  cluster: TreeCluster;
  object: TreeObject;
  namespace: string;
  path: Path;
  makers: ReadonlySet<string>;
}

/** The first use of each namespace in each Kustomization, where neither Kubernetes nor the program makes it. */
function* uses(tree: Tree): Generator<Use> {
  const there = new Set([...builtIn, ...(tree.program?.namespaces ?? [])]);
  for (const cluster of tree.clusters) {
    if (!isComplete(cluster)) continue;
    const made = makers(cluster);
    const seen = new Set<string>();
    for (const object of cluster.objects) {
      for (const { namespace, path } of needed(object)) {
        const key = `${object.kustomization} ${namespace}`;
        if (there.has(namespace) || seen.has(key)) continue;
        seen.add(key);
        yield { cluster, object, namespace, path, makers: made.get(namespace) ?? new Set() };
      }
    }
  }
}

/** A namespace that nothing makes. */
export const namespaceMissing: Check = {
  id: 'namespace-missing',
  severity: 'error',
  set: 'platform',
  why: 'An object cannot be applied into a namespace that does not exist.',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, object, namespace, path, makers: made } of uses(tree)) {
      if (made.size > 0) continue;
      const what = `needs namespace ${namespace}, which nothing on this cluster makes`;
      yield about(tree, cluster, object, path, what, 'add the Namespace, or correct the name');
    }
  },
};

/** A namespace that may come after what needs it. */
export const namespaceTooLate: Check = {
  id: 'namespace-too-late',
  severity: 'error',
  set: 'platform',
  why: 'On a fresh cluster an object whose namespace comes later fails to apply.',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, object, namespace, path, makers: made } of uses(tree)) {
      if (made.size === 0 || made.has(object.kustomization)) continue;
      const ready = readyBefore(cluster, object.kustomization);
      if ([...made].some((id) => ready.has(id))) continue;
      const [maker = ''] = [...made].sort();
      const what = `needs namespace ${namespace}, and its Kustomization ${object.kustomization} does not depend on ${maker}, which makes it`;
      yield about(
        tree,
        cluster,
        object,
        path,
        what,
        `make ${object.kustomization} depend on ${maker}, or move the object there`,
      );
    }
  },
};
