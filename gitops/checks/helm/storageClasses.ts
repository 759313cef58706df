import { type Json, type JsonMap, groupOf, isMap, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';

/** A StorageClass, by itself or made by a chart. */
interface StorageClass {
  from: TreeObject;
  /** Where it says whether it is the default. */
  path: Path;
  name: string;
  isDefault: boolean;
}

const annotation = 'storageclass.kubernetes.io/is-default-class';
const isOn = (value: Json | undefined): boolean => value === true || value === 'true';

/** The classes that the charts of this platform make; the path is within the values. */
const made: Readonly<Record<string, (values: JsonMap) => { path: Path; name: string; isDefault: boolean }[]>> = {
  openebs: (values) => hostpath(values['localpv-provisioner'], ['localpv-provisioner']),
  'localpv-provisioner': (values) => hostpath(values, []),
  'rook-ceph-cluster': (values) => [
    // The chart's own first pool makes the default class.
    ...pools(values['cephBlockPools'], 'cephBlockPools', [{ name: 'ceph-block', isDefault: true }]),
    ...pools(values['cephFileSystems'], 'cephFileSystems', [{ name: 'ceph-filesystem', isDefault: false }]),
  ],
};

function hostpath(values: Json | undefined, prefix: Path): ReturnType<(typeof made)[string]> {
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

function pools(
  list: Json | undefined,
  field: string,
  otherwise: { name: string; isDefault: boolean }[],
): ReturnType<(typeof made)[string]> {
  if (!Array.isArray(list)) return otherwise.map((one) => ({ ...one, path: [field] }));
  return list.flatMap((pool, index) => {
    const given = valueAt(pool, 'storageClass');
    if (!isMap(given) || !isOn(given['enabled'])) return [];
    const name = typeof given['name'] === 'string' ? given['name'] : `${field}[${index}]`;
    return [{ path: [field, index, 'storageClass', 'isDefault'], name, isDefault: isOn(given['isDefault']) }];
  });
}

/** The StorageClasses of a cluster, as far as Git shows them: in the order of the tree, charts' ones last. */
function storageClasses(cluster: TreeCluster): StorageClass[] {
  const objects = cluster.objects.flatMap((from): StorageClass[] => {
    const { object } = from;
    if (object.kind !== 'StorageClass' || groupOf(object) !== 'storage.k8s.io') return [];
    const isDefault = isOn(valueAt(object.metadata, 'annotations', annotation));
    return [{ from, path: ['metadata', 'annotations', annotation], name: object.metadata.name, isDefault }];
  });
  const charts = [...releases(cluster)].flatMap(({ release, chart }) =>
    (made[chart.name]?.(valuesOf(release.object)) ?? []).map((one) => ({
      ...one,
      from: release,
      path: ['spec', 'values', ...one.path],
    })),
  );
  return [...objects, ...charts];
}

/** Two default classes. */
export const defaultStorageClassTwice: Check = {
  id: 'default-storage-class-twice',
  severity: 'error',
  set: 'platform',
  why: 'Volumes that name no class get the one that was made last, which nobody chose.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const [first, ...others] = storageClasses(cluster).filter(({ isDefault }) => isDefault);
      for (const { from, path, name } of others) {
        const what = `makes StorageClass ${name} a default, and ${first?.name ?? ''} is one, too`;
        yield about(tree, cluster, from, path, what, 'leave one of them the default');
      }
    }
  },
};

/** Classes, and none is the default. A cluster without any class has no volumes to give. */
export const defaultStorageClassMissing: Check = {
  id: 'default-storage-class-missing',
  severity: 'error',
  set: 'platform',
  why: 'A volume that names no class stays pending for ever.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const classes = storageClasses(cluster);
      const [first] = classes;
      if (first === undefined || classes.some(({ isDefault }) => isDefault)) continue;
      const names = classes.map(({ name }) => name).sort();
      const what = `is no default, and neither is another StorageClass of the cluster: ${names.join(', ')}`;
      yield about(tree, cluster, first.from, first.path, what, 'make one of them the default');
    }
  },
};
