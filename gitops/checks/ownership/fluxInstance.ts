import { type Json, type JsonMap, groupOf, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { chartOf, isHelmRelease, valuesOf } from '../sources/charts';

/** A FluxInstance: an object of that kind, or what the values of its chart make. */
interface FluxInstance {
  from: TreeObject;
  namespace: string;
  spec: JsonMap;
}

/** The FluxInstances of a cluster. */
export function fluxInstances(cluster: TreeCluster): FluxInstance[] {
  return cluster.objects.flatMap((from): FluxInstance[] => {
    const { object } = from;
    if (object.kind === 'FluxInstance' && groupOf(object) === 'fluxcd.controlplane.io') {
      return [{ from, namespace: object.metadata.namespace ?? '', spec: specOf(object) }];
    }
    if (!isHelmRelease(object) || chartOf(cluster, from)?.name !== 'flux-instance') return [];
    const instance = valuesOf(object)['instance'];
    const target = specOf(object)['targetNamespace'];
    const namespace = typeof target === 'string' ? target : (object.metadata.namespace ?? '');
    return [{ from, namespace, spec: isMap(instance) ? instance : {} }];
  });
}

/** The sources that FluxInstances make for this repository; a Kustomization of the same name goes with each. */
export function fluxSyncs(cluster: TreeCluster): { kind: string; namespace: string; name: string }[] {
  return fluxInstances(cluster).flatMap(({ namespace, spec }) => {
    const sync = spec['sync'];
    if (!isMap(sync)) return [];
    const text = (value: Json | undefined, otherwise: string): string =>
      typeof value === 'string' ? value : otherwise;
    return [{ kind: text(sync['kind'], 'GitRepository'), namespace, name: text(sync['name'], namespace) }];
  });
}

/** The controllers that a FluxInstance runs. */
export function fluxComponentsOf(cluster: TreeCluster): Set<string> {
  const components = fluxInstances(cluster).flatMap(({ spec }) => valueAt(spec, 'components') ?? []);
  return new Set(components.filter((name) => typeof name === 'string'));
}

/** Objects that a FluxInstance makes and that Git declares, too. */
export const fluxOwnedTwice: Check = {
  id: 'flux-owned-twice',
  severity: 'error',
  set: 'platform',
  why: 'FluxInstance puts its own objects right again and again: a second owner fights it, and its pruning deletes them.',
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
        const what = 'is declared in Git, and FluxInstance makes it, too';
        yield about(tree, cluster, object, [], what, 'remove it from Git; set what it needs in the FluxInstance');
      }
    }
  },
};
