import {
  type Json,
  type KubernetesObject,
  groupOf,
  isMap,
  listOf,
  specOf,
  textOf,
  valueAt,
} from '../../kubernetesObject';
import type { ObjectPath } from '../../sources';
import type { TreeCluster, TreeObject } from '../../tree';

/** Volumes that one object demands. */
export interface Volumes {
  object: TreeObject;
  /** Where it demands the first. */
  path: ObjectPath;
  /** What the object calls them. */
  names: string[];
  /** Whether something stores copies of all of them elsewhere, at times that it says. */
  isBackedUp: boolean;
}

interface Demand {
  path: ObjectPath;
  name: string;
  /** The claims that come of it, if their names are known. */
  claims?: string[];
}

/** Every object of a cluster that demands volumes, as far as Git says it. */
export function volumesOf(cluster: TreeCluster): Volumes[] {
  const objects = cluster.objects.map(({ object }) => object);
  return cluster.objects.flatMap((object): Volumes[] => {
    const demands = demandsOf(object.object);
    const [first] = demands;
    if (first === undefined) return [];
    const names = demands.map(({ name }) => name);
    return [{ object, path: first.path, names, isBackedUp: isBackedUp(object.object, demands, objects) }];
  });
}

/** The names of the volumes of an object that a chart renders, unless they are backed up; `namespace` is the release's. */
export function volumesLeftOut(cluster: TreeCluster, rendered: KubernetesObject, namespace: string): string[] {
  const object = { ...rendered, metadata: { namespace, ...rendered.metadata } };
  const demands = demandsOf(object);
  const objects = cluster.objects.map((one) => one.object);
  return demands.length === 0 || isBackedUp(object, demands, objects) ? [] : demands.map(({ name }) => name);
}

function isBackedUp(
  object: KubernetesObject,
  demands: readonly Demand[],
  objects: readonly KubernetesObject[],
): boolean {
  const { name, namespace } = object.metadata;
  const neighbours = objects.filter(({ metadata }) => metadata.namespace === namespace);
  if (isOf(object, 'postgresql.cnpg.io', 'Cluster')) {
    return neighbours.some(
      (one) =>
        isOf(one, 'postgresql.cnpg.io', 'ScheduledBackup') &&
        valueAt(specOf(one), 'cluster', 'name') === name &&
        specOf(one)['suspend'] !== true,
    );
  }
  const sources = neighbours.filter(
    (one) =>
      isOf(one, 'volsync.backube', 'ReplicationSource') &&
      valueAt(specOf(one), 'trigger', 'schedule') !== undefined &&
      specOf(one)['paused'] !== true,
  );
  const copied = new Set(sources.map((one) => specOf(one)['sourcePVC']));
  return demands.every(({ claims = [] }) => claims.length > 0 && claims.every((claim) => copied.has(claim)));
}

const isOf = (object: KubernetesObject, group: string, kind: string): boolean =>
  object.kind === kind && groupOf(object) === group;

function demandsOf(object: KubernetesObject): Demand[] {
  const spec = specOf(object);
  if (isOf(object, '', 'PersistentVolumeClaim'))
    return [{ path: ['spec'], name: object.metadata.name, claims: [object.metadata.name] }];
  if (object.kind === 'StatefulSet' && object.apiVersion === 'apps/v1') return ofStatefulSet(object);
  if (isOf(object, 'postgresql.cnpg.io', 'Cluster')) {
    return ['storage', 'walStorage'].flatMap((part) =>
      spec[part] === undefined ? [] : [{ path: ['spec', part], name: part }],
    );
  }
  if (isOf(object, 'kafka.strimzi.io', 'KafkaNodePool')) return ofNodePool(spec['storage']);
  // Kinds of operators. Those of Kubernetes and of Rook, whose volumes are the storage itself, have none.
  const group = groupOf(object);
  return !group.includes('.') || group.endsWith('.k8s.io') || group === 'ceph.rook.io'
    ? []
    : nested(object.spec, ['spec']);
}

function ofStatefulSet(object: KubernetesObject): Demand[] {
  const spec = specOf(object);
  const replicas = typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
  return listOf(spec['volumeClaimTemplates']).flatMap((template, index) => {
    const name = textOf(valueAt(template, 'metadata', 'name'));
    if (name === undefined) return [];
    const claims = Array.from({ length: replicas }, (_, ordinal) => `${name}-${object.metadata.name}-${ordinal}`);
    return [{ path: ['spec', 'volumeClaimTemplates', index], name, claims }];
  });
}

/** Strimzi: one volume, or several of a list. */
function ofNodePool(storage: Json | undefined): Demand[] {
  const isClaim = (one: Json | undefined): boolean => valueAt(one, 'type') === 'persistent-claim';
  if (isClaim(storage)) return [{ path: ['spec', 'storage'], name: 'storage' }];
  return listOf(valueAt(storage, 'volumes')).flatMap((volume, index) =>
    isClaim(volume) ? [{ path: ['spec', 'storage', 'volumes', index], name: `storage ${index}` }] : [],
  );
}

/** How operators call the template of a claim. One below `ephemeral` lives as long as its pod. */
const templates: ReadonlySet<string> = new Set([
  'volumeClaimTemplate',
  'volumeClaimTemplates',
  'persistentVolumeClaimSpec',
]);

function nested(value: Json | undefined, path: ObjectPath): Demand[] {
  if (Array.isArray(value)) return value.flatMap((part, index) => nested(part, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, part]): Demand[] => {
    if (key === 'ephemeral' || part === undefined) return [];
    const name = String(path.filter((step) => typeof step === 'string').at(-1));
    if (templates.has(key)) return [{ path: [...path, key], name: name === 'spec' ? key : name }];
    return nested(part, [...path, key]);
  });
}
