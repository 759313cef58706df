import { VolumeProvisioners } from '../../lab/agent/volumeProvisioners';
import { type Claim, type StorageClass, volumeFor, volumeRules } from '../../lab/agent/volumeRules';
import { available, withApi } from './apiServer';
import { lookup, type Objects } from './lookup';

const ruleOf = (name: string) => volumeRules.find(({ provisioner }) => provisioner === name)!;
const local = ruleOf('openebs.io/local');
const rbd = ruleOf('rook-ceph.rbd.csi.ceph.com');
const cephfs = ruleOf('rook-ceph.cephfs.csi.ceph.com');

const claim = (spec: object = {}, annotations: Record<string, string> = {}): Claim => ({
  metadata: { name: 'data', namespace: 'ns', uid: 'u1', resourceVersion: '7', annotations },
  spec: {
    ...{ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } }, storageClassName: 'class' },
    ...spec,
  },
});
const onNode = { 'volume.kubernetes.io/selected-node': 'node-1' };
const localClass: StorageClass = {
  metadata: {
    name: 'class',
    annotations: {
      'cas.openebs.io/config': '- {name: StorageType, value: hostpath}\n- {name: BasePath, value: /var/x}\n',
    },
  },
  provisioner: local.provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
};
const blockClass: StorageClass = {
  metadata: { name: 'class' },
  provisioner: rbd.provisioner,
  reclaimPolicy: 'Retain',
  parameters: {
    ...{ clusterID: 'rook-ceph', pool: 'pool', fsName: 'fs', 'csi.storage.k8s.io/fstype': 'xfs' },
    'csi.storage.k8s.io/node-stage-secret-name': 'stage',
    'csi.storage.k8s.io/node-stage-secret-namespace': 'rook-ceph',
  },
};
const ceph = '/apis/ceph.rook.io/v1/namespaces/rook-ceph';
const readyPool = { [`${ceph}/cephblockpools/pool`]: { status: { phase: 'Ready' } } };
const node = { '/api/v1/nodes/node-1': { metadata: { labels: { 'kubernetes.io/hostname': 'host-1' } } } };
const snapshotPath = '/apis/snapshot.storage.k8s.io/v1/namespaces/ns/volumesnapshots/snap';
const fromSnapshot = { dataSourceRef: { kind: 'VolumeSnapshot', name: 'snap' } };

test('a local volume is a folder of the chosen node', async () => {
  expect(await volumeFor(claim({}, onNode), localClass, local, lookup(node))).toEqual({
    volume: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: 'pvc-u1',
        annotations: { 'pv.kubernetes.io/provisioned-by': 'openebs.io/local' },
        labels: { 'k8s-gitops.lab/stand-in': 'true' },
      },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Filesystem',
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'class',
        claimRef: {
          ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data', namespace: 'ns' },
          ...{ uid: 'u1', resourceVersion: '7' },
        },
        local: { path: '/var/x/pvc-u1' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host-1'] }] },
            ],
          },
        },
      },
    },
  });
});

test("Ceph's volume is in the pool of its class, with its policy", async () => {
  expect(await volumeFor(claim(), blockClass, rbd, lookup(readyPool))).toMatchObject({
    volume: {
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        csi: {
          ...{ driver: 'rook-ceph.rbd.csi.ceph.com', volumeHandle: 'lab-stand-in-u1', fsType: 'xfs' },
          nodeStageSecretRef: { name: 'stage', namespace: 'rook-ceph' },
        },
      },
    },
  });
});

test.each<[string, Claim, StorageClass, typeof local, Objects]>([
  [
    'Only support ReadWriteOnce access mode, not ReadWriteMany',
    claim({ accessModes: ['ReadWriteMany'] }, onNode),
    localClass,
    local,
    node,
  ],
  ['Block volumes need a StorageType of their own', claim({ volumeMode: 'Block' }, onNode), localClass, local, node],
  ['configuration error, no node was specified', claim(), localClass, local, node],
  ['Node node-1 has no label kubernetes.io/hostname', claim({}, onNode), localClass, local, {}],
  [
    'StorageClass class has no BasePath',
    claim({}, onNode),
    { ...localClass, metadata: { name: 'class' } },
    local,
    node,
  ],
  ['cephblockpools/pool of namespace rook-ceph does not exist', claim(), blockClass, rbd, {}],
  [
    'cephblockpools/pool is not ready',
    ...([claim(), blockClass, rbd] as const),
    { [`${ceph}/cephblockpools/pool`]: { status: { phase: 'Progressing' } } },
  ],
  ['cephfilesystems/fs of namespace rook-ceph does not exist', claim(), blockClass, cephfs, readyPool],
  [
    'multi node access modes are only supported on rbd `block` type volumes',
    ...([claim({ accessModes: ['ReadWriteMany'] }), blockClass, rbd, readyPool] as const),
  ],
  [
    'the lab has no data to copy from PersistentVolumeClaim old',
    claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'old' } }),
    blockClass,
    rbd,
    readyPool,
  ],
  ['VolumeSnapshot snap does not exist', claim(fromSnapshot), blockClass, rbd, readyPool],
  [
    'VolumeSnapshot snap is not ready to use',
    claim(fromSnapshot),
    blockClass,
    rbd,
    { ...readyPool, [snapshotPath]: {} },
  ],
])('refused: %s', async (refused, one, storageClass, rule, objects) => {
  expect(await volumeFor(one, storageClass, rule, lookup(objects))).toEqual({ refused });
});

test('a claim gets one volume, once its node is chosen and its provisioner runs', async () => {
  const asked = { 'volume.kubernetes.io/storage-provisioner': 'openebs.io/local' };
  const objects: Record<string, unknown> = {
    '/apis/storage.k8s.io/v1/storageclasses': [localClass],
    '/api/v1/persistentvolumeclaims': [claim({}, asked)],
    '/api/v1/persistentvolumes': [],
    '/apis/storage.k8s.io/v1/volumeattachments': [],
    '/api/v1/nodes/node-1': node['/api/v1/nodes/node-1'],
  };
  await withApi(objects, async (api, changes) => {
    await new VolumeProvisioners().reconcile(api, () => available(0));
    await new VolumeProvisioners().reconcile(api, () => available(1));
    expect(changes).toEqual([]);
    objects['/api/v1/persistentvolumeclaims'] = [claim({}, { ...asked, ...onNode })];
    await new VolumeProvisioners().reconcile(api, () => available(1));
    expect(changes).toMatchObject([{ method: 'POST', path: '/api/v1/persistentvolumes' }]);
    objects['/api/v1/persistentvolumes/pvc-u1'] = { metadata: { name: 'pvc-u1' } };
    await new VolumeProvisioners().reconcile(api, () => available(1));
    expect(changes).toHaveLength(1);
  });
});

test('a released volume is deleted if its policy says so, and an attachment is reported', async () => {
  const volume = (name: string, phase: string, policy: string, by = 'openebs.io/local') => ({
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': by } },
    spec: { persistentVolumeReclaimPolicy: policy },
    status: { phase },
  });
  const attachment = (name: string, attacher: string) => ({ metadata: { name }, spec: { attacher } });
  const objects = {
    '/api/v1/persistentvolumeclaims': [],
    '/api/v1/persistentvolumes': [
      volume('gone', 'Released', 'Delete'),
      volume('kept', 'Released', 'Retain'),
      volume('bound', 'Bound', 'Delete'),
      volume('other', 'Released', 'Delete', 'nfs.example.org'),
    ],
    '/apis/storage.k8s.io/v1/volumeattachments': [
      attachment('ours', 'rook-ceph.rbd.csi.ceph.com'),
      attachment('theirs', 'nfs.example.org'),
    ],
  };
  await withApi(objects, async (api, changes) => {
    await new VolumeProvisioners().reconcile(api, () => available(1));
    expect(changes.map(({ method = 'PATCH', path }) => `${method} ${path}`)).toEqual([
      'DELETE /api/v1/persistentvolumes/gone',
      'PATCH /apis/storage.k8s.io/v1/volumeattachments/ours/status',
    ]);
  });
});
