import { type Json, type JsonMap, groupOf, isMap, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isOn, releases, valuesOf } from './facts/charts';
import { findingAt } from './finding';

/** A value that a chart needs on Talos, because its default does not work there. */
interface TalosValue {
  path: readonly string[];
  isValid: (value: Json | undefined) => boolean;
  /** What the chart does with any other value. */
  otherwise: string;
  todo: string;
}

const isFalse = (value: Json | undefined): boolean => value === false;
const withoutModules = (value: Json | undefined): boolean => Array.isArray(value) && !value.includes('SYS_MODULE');

const talosValues: Readonly<Record<string, readonly TalosValue[]>> = {
  cilium: [
    {
      path: ['cgroup', 'autoMount', 'enabled'],
      isValid: isFalse,
      otherwise: 'mounts cgroups, which Talos has already mounted',
      todo: 'set cgroup.autoMount.enabled to false and cgroup.hostRoot to /sys/fs/cgroup',
    },
    {
      path: ['sysctlfix', 'enabled'],
      isValid: isFalse,
      otherwise: 'starts an init container that writes to /etc/sysctl.d, which is read-only',
      todo: 'set sysctlfix.enabled to false',
    },
    ...['ciliumAgent', 'cleanCiliumState'].map((container) => ({
      path: ['securityContext', 'capabilities', container],
      isValid: withoutModules,
      otherwise: 'requests SYS_MODULE, which Talos grants to no container',
      todo: `list securityContext.capabilities.${container} without SYS_MODULE`,
    })),
  ],
  spegel: [
    {
      path: ['spegel', 'containerdRegistryConfigPath'],
      isValid: (value) => value === '/etc/cri/conf.d/hosts',
      otherwise: 'writes its mirror configuration to a read-only path that containerd on Talos does not read',
      todo: 'set spegel.containerdRegistryConfigPath to /etc/cri/conf.d/hosts',
    },
  ],
};

/** A chart with values that do not work on Talos. */
export const valueNotForTalos: Check = {
  id: 'value-not-for-talos',
  severity: 'error',
  set: 'platform',
  why: 'On Talos the file system is read-only and pods cannot load kernel modules: the chart does not start with its default.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        for (const { path, isValid, otherwise, todo } of talosValues[chart.name] ?? []) {
          if (isValid(valueAt(valuesOf(release.object), ...path))) continue;
          yield findingAt(tree, cluster, release, ['spec', 'values', ...path], otherwise, todo);
        }
      }
    }
  },
};

/** A StorageClass, declared in Git or rendered by a chart. */
interface StorageClass {
  from: TreeObject;
  /** The path that decides whether it is the default. */
  path: ObjectPath;
  name: string;
  isDefault: boolean;
}

type ChartStorageClass = Omit<StorageClass, 'from'>;

const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';

/** The classes that this platform's charts render; paths are relative to the values. */
const chartStorageClasses: Readonly<Record<string, (values: JsonMap) => ChartStorageClass[]>> = {
  openebs: (values) => hostpathClass(values['localpv-provisioner'], ['localpv-provisioner']),
  'localpv-provisioner': (values) => hostpathClass(values, []),
  'rook-ceph-cluster': (values) => [
    // By default, the chart's first pool provides the default class.
    ...poolClasses(values['cephBlockPools'], 'cephBlockPools', [{ name: 'ceph-block', isDefault: true }]),
    ...poolClasses(values['cephFileSystems'], 'cephFileSystems', [{ name: 'ceph-filesystem', isDefault: false }]),
  ],
};

function hostpathClass(values: Json | undefined, prefix: ObjectPath): ChartStorageClass[] {
  const given = valueAt(values, 'hostpathClass');
  if (valueAt(given, 'enabled') === false) return [];
  const name = valueAt(given, 'name');
  return [
    {
      path: [...prefix, 'hostpathClass', 'isDefaultClass'],
      name: typeof name === 'string' ? name : 'openebs-hostpath',
      isDefault: isOn(valueAt(given, 'isDefaultClass')),
    },
  ];
}

function poolClasses(
  list: Json | undefined,
  field: string,
  defaults: { name: string; isDefault: boolean }[],
): ChartStorageClass[] {
  if (!Array.isArray(list)) return defaults.map((storageClass) => ({ ...storageClass, path: [field] }));
  return list.flatMap((pool, index) => {
    const given = valueAt(pool, 'storageClass');
    if (!isMap(given) || !isOn(given['enabled'])) return [];
    const name = typeof given['name'] === 'string' ? given['name'] : `${field}[${index}]`;
    return [{ path: [field, index, 'storageClass', 'isDefault'], name, isDefault: isOn(given['isDefault']) }];
  });
}

/** The StorageClasses of a cluster, as far as Git shows them: in tree order, those of charts last. */
function storageClasses(cluster: TreeCluster): StorageClass[] {
  const objects = cluster.objects.flatMap((from): StorageClass[] => {
    const { object } = from;
    if (object.kind !== 'StorageClass' || groupOf(object) !== 'storage.k8s.io') return [];
    const isDefault = isOn(valueAt(object.metadata, 'annotations', defaultClassAnnotation));
    return [{ from, path: ['metadata', 'annotations', defaultClassAnnotation], name: object.metadata.name, isDefault }];
  });
  const charts = [...releases(cluster)].flatMap(({ release, chart }) =>
    (chartStorageClasses[chart.name]?.(valuesOf(release.object)) ?? []).map((storageClass) => ({
      ...storageClass,
      from: release,
      path: ['spec', 'values', ...storageClass.path],
    })),
  );
  return [...objects, ...charts];
}

/** Two default StorageClasses. */
export const defaultStorageClassTwice: Check = {
  id: 'default-storage-class-twice',
  severity: 'error',
  set: 'platform',
  why: 'A volume that names no class gets whichever default was created last.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const [first, ...others] = storageClasses(cluster).filter(({ isDefault }) => isDefault);
      for (const { from, path, name } of others) {
        const what = `makes StorageClass ${name} a default, but ${first?.name ?? ''} already is one`;
        yield findingAt(tree, cluster, from, path, what, 'keep only one of them as the default');
      }
    }
  },
};

/** StorageClasses without a default. A cluster without any class provides no volumes. */
export const defaultStorageClassMissing: Check = {
  id: 'default-storage-class-missing',
  severity: 'error',
  set: 'platform',
  why: 'A volume that names no class stays pending forever.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const classes = storageClasses(cluster);
      const [first] = classes;
      if (first === undefined || classes.some(({ isDefault }) => isDefault)) continue;
      const names = classes.map(({ name }) => name).sort();
      const what = `is not a default, and neither is any other StorageClass of the cluster: ${names.join(', ')}`;
      yield findingAt(tree, cluster, first.from, first.path, what, 'make one of them the default');
    }
  },
};
