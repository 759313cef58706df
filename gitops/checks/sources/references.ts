import { type Json, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { isComplete } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { fluxSyncs } from '../ownership/fluxInstance';
import { isKustomization } from '../structure/dependencies';
import { isSource } from './charts';

/** Where Flux's kinds name objects of Flux. */
const references: Readonly<Record<string, readonly Path[]>> = {
  Kustomization: [['spec', 'sourceRef']],
  HelmRelease: [
    ['spec', 'chartRef'],
    ['spec', 'chart', 'spec', 'sourceRef'],
  ],
  ImagePolicy: [['spec', 'imageRepositoryRef']],
  ImageUpdateAutomation: [['spec', 'sourceRef']],
  Alert: [['spec', 'eventSources']],
  Receiver: [['spec', 'resources']],
};

/** References of one object that name a namespace. */
function* namespacesNamed({ object }: TreeObject): Generator<{ path: Path; namespace: string }> {
  if (!/(^|\.)toolkit\.fluxcd\.io$/.test(groupOf(object))) return;
  for (const path of references[object.kind] ?? []) {
    const value = valueAt(object, ...path.map(String));
    const entries: [Path, Json | undefined][] = Array.isArray(value)
      ? value.map((entry, index) => [[...path, index], entry])
      : [[path, value]];
    for (const [place, entry] of entries) {
      const namespace = valueAt(entry, 'namespace');
      if (typeof namespace === 'string') yield { path: [...place, 'namespace'], namespace };
    }
  }
}

/** A reference of Flux to another namespace. */
export const crossNamespaceReference: Check = {
  id: 'cross-namespace-reference',
  severity: 'error',
  set: 'platform',
  why: 'Our Flux keeps tenants apart: it refuses references to other namespaces.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of cluster.objects) {
        for (const { path, namespace } of namespacesNamed(object)) {
          if (namespace === object.object.metadata.namespace) continue;
          const what = `refers to namespace ${namespace} from ${object.object.metadata.namespace ?? 'none'}`;
          yield about(tree, cluster, object, path, what, 'put both into one namespace and drop the reference');
        }
      }
    }
  },
};

/** A Flux Kustomization whose source nobody makes. */
export const kustomizationSourceMissing: Check = {
  id: 'kustomization-source-missing',
  severity: 'error',
  set: 'platform',
  why: 'A Kustomization without its source applies nothing.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const made = new Set(fluxSyncs(cluster).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
      for (const object of cluster.objects.filter((one) => isKustomization(one.object))) {
        const { kind, name } = sourceOf(object);
        const namespace = object.object.metadata.namespace ?? '';
        // Another namespace is a finding of its own.
        if (name === '' || (valueAt(specOf(object.object), 'sourceRef', 'namespace') ?? namespace) !== namespace)
          continue;
        if (made.has(`${kind} ${namespace}/${name}`) || isDeclared(cluster, kind, namespace, name)) continue;
        const what = `takes its manifests from ${kind} ${namespace}/${name}, which nothing makes`;
        const todo = `correct the name${[...made].map((source) => `; ${source} is this repository`).join('')}`;
        yield about(tree, cluster, object, ['spec', 'sourceRef', 'name'], what, todo);
      }
    }
  },
};

function sourceOf({ object }: TreeObject): { kind: string; name: string } {
  const kind = valueAt(specOf(object), 'sourceRef', 'kind');
  const name = valueAt(specOf(object), 'sourceRef', 'name');
  return { kind: typeof kind === 'string' ? kind : '', name: typeof name === 'string' ? name : '' };
}

function isDeclared(cluster: TreeCluster, kind: string, namespace: string, name: string): boolean {
  return cluster.objects.some(
    ({ object }) =>
      (isSource(object, kind) || (kind === 'ExternalArtifact' && groupOf(object) === 'source.extensions.fluxcd.io')) &&
      object.metadata.namespace === namespace &&
      object.metadata.name === name,
  );
}
