import { type Json, type JsonMap, groupOf, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { chartOf, isHelmRelease, targetNamespace, valuesOf } from './charts';

/** A FluxInstance: an object of that kind, or the one that the flux-instance chart renders. */
export interface FluxInstance {
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
    return [{ from, namespace: targetNamespace(from), spec: isMap(instance) ? instance : {} }];
  });
}

/** The sources that FluxInstances create for this repository; each comes with a Kustomization of the same name. */
export function fluxSyncs(cluster: TreeCluster): { kind: string; namespace: string; name: string }[] {
  return fluxInstances(cluster).flatMap(({ namespace, spec }) => {
    const sync = spec['sync'];
    if (!isMap(sync)) return [];
    const text = (value: Json | undefined, fallback: string): string => (typeof value === 'string' ? value : fallback);
    return [{ kind: text(sync['kind'], 'GitRepository'), namespace, name: text(sync['name'], namespace) }];
  });
}

/** The controllers that the FluxInstances of a cluster run. */
export function fluxComponentsOf(cluster: TreeCluster): Set<string> {
  const components = fluxInstances(cluster).flatMap(({ spec }) => valueAt(spec, 'components') ?? []);
  return new Set(components.filter((name) => typeof name === 'string'));
}
