import {
  type JsonMap,
  type KubernetesObject,
  groupOf,
  isMap,
  listOf,
  specOf,
  textOf,
  valueAt,
} from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { chartOf, isHelmRelease, targetNamespace, valuesOf } from './charts';

/** A FluxInstance: an object of that kind, or the one that the flux-instance chart renders. */
export interface FluxInstance {
  from: TreeObject;
  /** Where its spec is in that object. */
  path: string[];
  namespace: string;
  spec: JsonMap;
}

const instances = new WeakMap<TreeCluster, FluxInstance[]>();

/** The FluxInstances of a cluster, looked up once. */
export function fluxInstances(cluster: TreeCluster): readonly FluxInstance[] {
  const found = instances.get(cluster) ?? findInstances(cluster);
  instances.set(cluster, found);
  return found;
}

function findInstances(cluster: TreeCluster): FluxInstance[] {
  return cluster.objects.flatMap((from): FluxInstance[] => {
    const { object } = from;
    if (object.kind === 'FluxInstance' && groupOf(object) === 'fluxcd.controlplane.io') {
      return [{ from, path: ['spec'], namespace: object.metadata.namespace ?? '', spec: specOf(object) }];
    }
    if (!isHelmRelease(object) || chartOf(cluster, from)?.name !== 'flux-instance') return [];
    const instance = valuesOf(object)['instance'];
    return [
      {
        from,
        path: ['spec', 'values', 'instance'],
        namespace: targetNamespace(from),
        spec: isMap(instance) ? instance : {},
      },
    ];
  });
}

/** The sources that FluxInstances create for this repository; each comes with a Kustomization of the same name. */
export function fluxSyncs(cluster: TreeCluster): { kind: string; namespace: string; name: string }[] {
  return fluxInstances(cluster).flatMap(({ namespace, spec }) => {
    const sync = spec['sync'];
    if (!isMap(sync)) return [];
    return [{ kind: textOf(sync['kind'], 'GitRepository'), namespace, name: textOf(sync['name'], namespace) }];
  });
}

/** The controllers that the FluxInstances of a cluster run. */
export function fluxComponentsOf(cluster: TreeCluster): Set<string> {
  const components = fluxInstances(cluster).flatMap(({ spec }) => valueAt(spec, 'components') ?? []);
  return new Set(components.filter((name) => typeof name === 'string'));
}

/** The components of a FluxInstance that lists none (FluxInstance.GetComponents in flux-operator). */
const defaultComponents = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'];

/** All components there are: the API server refuses a FluxInstance with another one. */
const allComponents: ReadonlySet<string> = new Set([
  ...defaultComponents,
  ...['image-reflector-controller', 'image-automation-controller', 'source-watcher'],
]);

/** Kinds of which a FluxInstance has objects that `fluxObjects` leaves out. */
const otherFluxKinds = [
  ...['Namespace', 'NetworkPolicy', 'ResourceQuota', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'],
  ...['PersistentVolumeClaim', 'Secret', 'GitRepository', 'OCIRepository', 'Bucket', 'Kustomization'],
];

/**
 * The objects of a FluxInstance by kind and name, as far as Flux 2.5 to 2.8 has the same: those of
 * its components. `otherKinds` are those of which only the kind is known. Source: config/data/flux in
 * controlplaneio-fluxcd/flux-operator, August 2026.
 */
export function fluxObjects({ namespace, spec }: FluxInstance): { known: KubernetesObject[]; otherKinds: string[] } {
  const listed = listOf(spec['components']).filter((name) => typeof name === 'string');
  const components = listed.length === 0 ? defaultComponents : listed.filter((name) => allComponents.has(name));
  const shards = listOf(valueAt(spec, 'sharding', 'shards')).map(String);
  const object = (apiVersion: string, kind: string, name: string): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
  });
  const services: Record<string, string[]> = {
    'source-controller': ['source-controller'],
    'source-watcher': ['source-watcher'],
    'notification-controller': ['notification-controller', 'webhook-receiver'],
  };
  const known = components.flatMap((component) => [
    ...['', ...shards.map((shard) => `-${shard}`)].map((suffix) => object('apps/v1', 'Deployment', component + suffix)),
    object('v1', 'ServiceAccount', component),
    ...(services[component] ?? []).map((name) => object('v1', 'Service', name)),
  ]);
  return { known, otherKinds: otherFluxKinds };
}
