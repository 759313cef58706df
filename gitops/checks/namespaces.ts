import { groupOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { indexOf } from './facts/clusterIndex';
import { readyBefore } from './facts/dependencies';
import { podSecurityLabel, podSecurityLevels } from './facts/pods';
import { eachObject, findingAt, show } from './finding';
import { describeTarget, referenceRule } from './references';

const builtInNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The ids of the Kustomizations that create each namespace of a cluster. */
function namespaceCreators(cluster: TreeCluster): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (namespace: unknown, { kustomization }: TreeObject): void => {
    if (typeof namespace !== 'string') return;
    found.set(namespace, (found.get(namespace) ?? new Set()).add(kustomization));
  };
  for (const treeObject of cluster.objects) {
    const { object } = treeObject;
    if (object.kind === 'Namespace' && groupOf(object) === '') add(object.metadata.name, treeObject);
    if (isHelmRelease(object) && valueAt(specOf(object), 'install', 'createNamespace') === true) {
      add(specOf(object)['targetNamespace'] ?? object.metadata.namespace, treeObject);
    }
  }
  return found;
}

/** The namespaces that an object needs, each with the path that names it. */
function* neededNamespaces({ object }: TreeObject): Generator<{ namespace: string; path: ObjectPath }> {
  const { namespace } = object.metadata;
  if (namespace !== undefined) yield { namespace, path: ['metadata', 'namespace'] };
  if (!isHelmRelease(object)) return;
  for (const field of ['targetNamespace', 'storageNamespace']) {
    const value = specOf(object)[field];
    if (typeof value === 'string' && value !== namespace) yield { namespace: value, path: ['spec', field] };
  }
}

interface NamespaceUse {
  cluster: TreeCluster;
  object: TreeObject;
  namespace: string;
  path: ObjectPath;
  creators: ReadonlySet<string>;
}

/** The first use of each namespace in each Kustomization, unless Kubernetes or the program creates the namespace. */
function* namespaceUses(tree: Tree): Generator<NamespaceUse> {
  const existing = new Set([...builtInNamespaces, ...(tree.program?.namespaces ?? [])]);
  for (const cluster of tree.clusters) {
    const creators = namespaceCreators(cluster);
    const seen = new Set<string>();
    for (const object of cluster.objects) {
      for (const { namespace, path } of neededNamespaces(object)) {
        const key = `${object.kustomization} ${namespace}`;
        if (existing.has(namespace) || seen.has(key)) continue;
        seen.add(key);
        yield { cluster, object, namespace, path, creators: creators.get(namespace) ?? new Set() };
      }
    }
  }
}

/** A namespace that nothing creates. */
export const namespaceMissing: Check = {
  id: 'namespace-missing',
  severity: 'error',
  set: 'platform',
  why: 'An object cannot be applied to a namespace that does not exist.',
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, object, namespace, path, creators } of namespaceUses(tree)) {
      if (creators.size > 0) continue;
      const what = `needs namespace ${namespace}, which nothing on this cluster creates`;
      yield findingAt(tree, cluster, object, path, what, 'add the Namespace, or correct the name');
    }
  },
};

/** A namespace that may be created after an object that needs it. */
export const namespaceTooLate: Check = {
  id: 'namespace-too-late',
  severity: 'error',
  set: 'platform',
  why: 'On a new cluster, an object that is applied before its namespace exists fails to apply.',
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, object, namespace, path, creators } of namespaceUses(tree)) {
      if (creators.size === 0 || creators.has(object.kustomization)) continue;
      // A Kustomization in the namespace exists only after it.
      if (indexOf(cluster).kustomizations.get(object.kustomization)?.namespace === namespace) continue;
      const ready = readyBefore(cluster, object.kustomization);
      if ([...creators].some((id) => ready.has(id))) continue;
      const [creator = ''] = [...creators].sort();
      const what = `needs namespace ${namespace}, but its Kustomization ${object.kustomization} does not depend on ${creator}, which creates it`;
      const todo = `make ${object.kustomization} depend on ${creator}, or move the object there`;
      yield findingAt(tree, cluster, object, path, what, todo);
    }
  },
};

const pruneAnnotation = 'kustomize.toolkit.fluxcd.io/prune';

/** A namespace that the program creates and Flux may delete. */
export const namespacePrunable: Check = {
  id: 'namespace-prunable',
  severity: 'error',
  set: 'platform',
  why: 'Deleting a namespace deletes the platform in it.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, object] of eachObject(tree)) {
      const { kind, metadata } = object.object;
      if (kind !== 'Namespace' || tree.program?.namespaces.includes(metadata.name) !== true) continue;
      const value = valueAt(metadata, 'annotations', pruneAnnotation);
      // The spelling must match the program's: server-side apply sees any other as a change by another field manager.
      if (value === 'Disabled') continue;
      const path = ['metadata', ...(value === undefined ? [] : ['annotations', pruneAnnotation])];
      const what = `is created by the program and ${value === undefined ? `has no annotation ${pruneAnnotation}` : `has ${pruneAnnotation}: ${JSON.stringify(value)}`}`;
      yield findingAt(tree, cluster, object, path, what, `annotate it with ${pruneAnnotation}: Disabled`);
    }
  },
};

/** A namespace without a Pod Security level. */
export const namespaceWithoutPodSecurity: Check = {
  id: 'namespace-without-pod-security',
  severity: 'error',
  set: 'platform',
  why: 'Without the label, what pods may do there depends on the default of the nodes.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const declared = new Set<unknown>();
      for (const treeObject of cluster.objects) {
        const { object } = treeObject;
        if (object.kind !== 'Namespace' || groupOf(object) !== '') continue;
        declared.add(object.metadata.name);
        const level = valueAt(object.metadata, 'labels', podSecurityLabel);
        if (podSecurityLevels.includes(level)) continue;
        const path = ['metadata', ...(level === undefined ? [] : ['labels', podSecurityLabel])];
        const what =
          level === undefined
            ? `has no label ${podSecurityLabel}`
            : `has ${podSecurityLabel}: ${JSON.stringify(level)}`;
        const todo = `label it with ${podSecurityLabel}: restricted, baseline or privileged`;
        yield findingAt(tree, cluster, treeObject, path, what, todo);
      }
      for (const treeObject of cluster.objects) {
        const spec = specOf(treeObject.object);
        if (!isHelmRelease(treeObject.object) || valueAt(spec, 'install', 'createNamespace') !== true) continue;
        const name = spec['targetNamespace'] ?? treeObject.object.metadata.namespace;
        if (declared.has(name)) continue;
        const what = `lets Helm create namespace ${show(name)} without the label ${podSecurityLabel}`;
        const todo = 'declare the Namespace with its labels, and remove createNamespace';
        yield findingAt(tree, cluster, treeObject, ['spec', 'install', 'createNamespace'], what, todo);
      }
    }
  },
};

/** An object that Flux applies as a ServiceAccount that does not exist. */
export const serviceAccountMissing: Check = referenceRule(
  {
    id: 'service-account-missing',
    severity: 'error',
    set: 'platform',
    why: 'Flux impersonates that account; without it nothing is applied.',
  },
  ({ reference }) => ({
    what: `runs as ${describeTarget(reference)}, which nothing creates`,
    todo: `add the ServiceAccount next to the Namespace ${reference.namespace ?? ''}, with its RBAC`,
  }),
);
