import { parse } from 'yaml';
import { isMap } from '../../gitops/kubernetesObject';
import { at, isTrue, listAt, type Lookup, specOf, text } from './refusals';
import type { ReportedObject } from './reportedObject';

/** A v1 PersistentVolumeClaim, as far as a provisioner reads it. */
export interface Claim extends ReportedObject {
  metadata: ReportedObject['metadata'] & { uid?: string; resourceVersion?: string };
}

/** A storage.k8s.io/v1 StorageClass, as far as a provisioner reads it. */
export interface StorageClass {
  metadata: { name: string; annotations?: Record<string, string> };
  provisioner: string;
  parameters?: Record<string, string>;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  mountOptions?: string[];
}

/** What a provisioner does with a claim: the spec of its volume, or why it makes none (yet). */
export type Provisioned = { spec: Record<string, unknown> } | { refused: string };

/** Stands in for the provisioner of a class: volumes have no disk behind them. */
export interface VolumeRule {
  /** The `provisioner` of a StorageClass. */
  provisioner: string;
  /** The Deployment without which nothing is provisioned. */
  deployment: { namespace: string; name: string };
  /** The part of the spec that says where the volume is. */
  provision(claim: Claim, storageClass: StorageClass, lookup: Lookup): Promise<Provisioned>;
}

/** The node that the scheduler chose for the first pod of a claim. */
export const selectedNodeOf = ({ metadata }: Claim): string | undefined =>
  metadata.annotations?.['volume.kubernetes.io/selected-node'];

const modesOf = (claim: Claim): string[] => listAt(claim.spec, 'accessModes') as string[];
const isBlock = (claim: Claim): boolean => text(claim.spec, 'volumeMode') === 'Block';
const uidOf = ({ metadata }: Claim): string => metadata.uid ?? '';

/** OpenEBS LocalPV 4.3 (dynamic-localpv-provisioner, hostpath): a folder of the chosen node. */
const openebs: VolumeRule = {
  provisioner: 'openebs.io/local',
  deployment: { namespace: 'openebs-system', name: 'openebs-localpv-provisioner' },
  async provision(claim, storageClass, lookup) {
    const shared = modesOf(claim).find((mode) => !['ReadWriteOnce', 'ReadWriteOncePod'].includes(mode));
    if (shared !== undefined) return { refused: `Only support ReadWriteOnce access mode, not ${shared}` };
    if (isBlock(claim)) return { refused: 'Block volumes need a StorageType of their own' };
    const basePath = configOf(storageClass, 'BasePath');
    if (basePath === undefined) return { refused: `StorageClass ${storageClass.metadata.name} has no BasePath` };
    const node = selectedNodeOf(claim);
    if (node === undefined) return { refused: 'configuration error, no node was specified' };
    const hostname = (await lookup.get(`/api/v1/nodes/${node}`))?.metadata.labels?.['kubernetes.io/hostname'];
    if (hostname === undefined) return { refused: `Node ${node} has no label kubernetes.io/hostname` };
    const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] };
    return {
      spec: {
        local: { path: `${basePath}/pvc-${uidOf(claim)}` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
      },
    };
  },
};

/** A value of a class's `cas.openebs.io/config`. */
function configOf({ metadata }: StorageClass, name: string): string | undefined {
  const config = parse(metadata.annotations?.['cas.openebs.io/config'] ?? '[]') as unknown;
  const entry = (Array.isArray(config) ? config : []).find((one) => text(one, 'name') === name) as unknown;
  return text(entry, 'value');
}

const rookOperator = { namespace: 'rook-ceph', name: 'rook-ceph-operator' };

/**
 * Ceph CSI, which Rook's operator would start (`rbd` and `cephfs`): the image or subvolume is made in the pool or filesystem of
 * the class, so that must be ready.
 */
const ceph = (driver: 'rbd' | 'cephfs'): VolumeRule => ({
  provisioner: `rook-ceph.${driver}.csi.ceph.com`,
  deployment: rookOperator,
  async provision(claim, storageClass, lookup) {
    const { parameters = {} } = storageClass;
    const [plural, name] = driver === 'rbd' ? ['cephblockpools', 'pool'] : ['cephfilesystems', 'fsName'];
    const store = `${plural}/${parameters[name] ?? ''}`;
    const path = `/apis/ceph.rook.io/v1/namespaces/${parameters['clusterID'] ?? ''}/${store}`;
    const found = await lookup.get(path);
    if (found === undefined)
      return { refused: `${store} of namespace ${parameters['clusterID'] ?? ''} does not exist` };
    if (text(found.status, 'phase') !== 'Ready') return { refused: `${store} is not ready` };
    if (driver === 'rbd' && !isBlock(claim) && modesOf(claim).includes('ReadWriteMany'))
      return { refused: 'multi node access modes are only supported on rbd `block` type volumes' };
    const secret = (use: string): Record<string, unknown> | undefined => {
      const key = `csi.storage.k8s.io/${use}-secret`;
      const [of, namespace] = [parameters[`${key}-name`], parameters[`${key}-namespace`]];
      return of === undefined || namespace === undefined ? undefined : { name: of, namespace };
    };
    return {
      spec: {
        csi: {
          driver: `rook-ceph.${driver}.csi.ceph.com`,
          volumeHandle: `lab-stand-in-${uidOf(claim)}`,
          fsType: parameters['csi.storage.k8s.io/fstype'] ?? 'ext4',
          controllerExpandSecretRef: secret('controller-expand'),
          nodeStageSecretRef: secret('node-stage'),
        },
      },
    };
  },
});

/** All provisioners that the lab stands in for: a claim of another class stays pending. */
export const volumeRules: readonly VolumeRule[] = [openebs, ceph('rbd'), ceph('cephfs')];

/** Why a claim gets no volume from anyone here: a copy of data that the lab does not have. */
async function sourceProblem(claim: Claim, lookup: Lookup): Promise<string | undefined> {
  const source = specOf(claim)['dataSourceRef'] ?? specOf(claim)['dataSource'];
  if (!isMap(source)) return undefined;
  const [kind, name] = [text(source, 'kind') ?? '', text(source, 'name') ?? ''];
  if (kind !== 'VolumeSnapshot') return `the lab has no data to copy from ${kind} ${name}`;
  const place = `namespaces/${claim.metadata.namespace ?? ''}/volumesnapshots/${name}`;
  const snapshot = await lookup.get(`/apis/snapshot.storage.k8s.io/v1/${place}`);
  if (snapshot === undefined) return `VolumeSnapshot ${name} does not exist`;
  return isTrue(snapshot, 'Ready') || at(snapshot.status, 'readyToUse') === true
    ? undefined
    : `VolumeSnapshot ${name} is not ready to use`;
}

/**
 * The PersistentVolume that a provisioner makes for a claim, or why not. The names, annotations and the binding are those of
 * sigs.k8s.io/sig-storage-lib-external-provisioner, which all of these use.
 */
export async function volumeFor(
  claim: Claim,
  storageClass: StorageClass,
  rule: VolumeRule,
  lookup: Lookup,
): Promise<{ volume: object } | { refused: string }> {
  const problem = await sourceProblem(claim, lookup);
  if (problem !== undefined) return { refused: problem };
  const provisioned = await rule.provision(claim, storageClass, lookup);
  if ('refused' in provisioned) return provisioned;
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  return {
    volume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: `pvc-${uid}`,
        annotations: { 'pv.kubernetes.io/provisioned-by': rule.provisioner },
        labels: { 'k8s-gitops.lab/stand-in': 'true' },
      },
      spec: {
        capacity: { storage: text(claim.spec, 'resources', 'requests', 'storage') },
        accessModes: modesOf(claim),
        volumeMode: text(claim.spec, 'volumeMode') ?? 'Filesystem',
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name,
        mountOptions: storageClass.mountOptions,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion },
        ...provisioned.spec,
      },
    },
  };
}
