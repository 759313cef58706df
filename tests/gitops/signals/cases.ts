import type { State } from './change';
import { claim, deployment, object, release } from './manifests';

/** One change that raises a rule, with what it says as `object: what`, and changes that must not. */
export interface Case {
  raises: { before: State; after: State; says: string[] };
  silent: Record<string, { before: State; after: State }>;
}

const web = deployment('web');
const ns = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: app}\n';
const crd = (versions: string, scope = 'Namespaced'): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.org}\nspec: {group: example.org, scope: ${scope}, names: {kind: Widget, plural: widgets}, versions: [${versions}]}\n`;
const v1 = '{name: v1, served: true, storage: true}';
const storageClass = (policy: string, name = 'fast'): string =>
  `---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: ${name}}\nprovisioner: x\nreclaimPolicy: ${policy}\n`;
const cnpg = (spec: string): string => object('postgresql.cnpg.io/v1', 'Cluster', 'db', `spec: ${spec}`);
const kept = 'annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}';
const pruneOff = { spec: { prune: false } };

const statefulSet = (claims: string, more = ''): string => `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: app}
spec: {replicas: 1, serviceName: db, selector: {matchLabels: {app: db}}, template: {spec: {containers: [{name: main}]}}, volumeClaimTemplates: [${claims}]${more}}
`;
const template = (size: string): string =>
  `{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}}}`;

const data: Record<string, Case> = {
  'volume-deleted': {
    raises: {
      before:
        claim('data', '1Gi') +
        statefulSet(template('1Gi'), ', persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}'),
      after: '',
      says: [
        'PersistentVolumeClaim app/data: leaves Git, and Flux deletes it',
        'StatefulSet app/db: leaves Git, and Flux deletes it with its claims (persistentVolumeClaimRetentionPolicy)',
      ],
    },
    silent: {
      'the Kustomization does not prune': {
        before: { app: { yaml: claim('data', '1Gi'), ...pruneOff } },
        after: { app: { yaml: '', ...pruneOff } },
      },
      'the claim is marked': {
        before: claim('data', '1Gi').replace('namespace: app', `namespace: app, ${kept}`),
        after: '',
      },
      'the class retains': {
        before: storageClass('Retain') + claim('data', '1Gi', 'storageClassName: fast'),
        after: storageClass('Retain'),
      },
      'a StatefulSet leaves its claims': { before: statefulSet(template('1Gi')), after: '' },
      'the Kustomization is suspended': {
        before: { app: claim('data', '1Gi') },
        after: { app: { skipped: 'suspended', spec: { suspend: true } } },
      },
    },
  },
  'data-deleted': {
    raises: { before: cnpg('{instances: 3}'), after: '', says: ['Cluster app/db: leaves Git, and Flux deletes it'] },
    silent: {
      'another kind of that name': { before: object('cluster.x-k8s.io/v1', 'Cluster', 'db'), after: '' },
      'its Kustomization goes and orphans': {
        before: { app: web, db: { yaml: cnpg('{instances: 3}'), spec: { deletionPolicy: 'Orphan' } } },
        after: { app: web },
      },
    },
  },
  'crd-deleted': {
    raises: {
      before: crd(v1),
      after: '',
      says: ['CustomResourceDefinition widgets.example.org: leaves Git, and Flux deletes it'],
    },
    silent: { 'it changes': { before: crd(v1), after: crd(`${v1}, {name: v2, served: true}`) } },
  },
  'crd-version-gone': {
    raises: {
      before: crd(`${v1}, {name: v1beta1, served: true}`),
      after: crd(`${v1}, {name: v1beta1, served: false}`),
      says: ['CustomResourceDefinition widgets.example.org: stops serving v1beta1'],
    },
    silent: { 'a version is added': { before: crd(v1), after: crd(`${v1}, {name: v2, served: true}`) } },
  },
  'namespace-deleted': {
    raises: { before: ns, after: '', says: ['Namespace app: leaves Git, and Flux deletes it'] },
    silent: {
      'it moves': {
        before: { app: ns, other: { spec: { dependsOn: [] } } },
        after: { app: { spec: { dependsOn: [{ name: 'other' }] } }, other: ns },
      },
    },
  },
  'volume-shrunk': {
    raises: {
      before:
        claim('data', '2Gi') +
        cnpg('{storage: {size: 20Gi}}') +
        release('x', { values: '{persistence: {data: {size: 5Gi}}}' }),
      after:
        claim('data', '1024Mi') +
        cnpg('{storage: {size: 10Gi}}') +
        release('x', { values: '{persistence: {data: {size: 1Gi}}}' }),
      says: [
        'Cluster app/db: spec.storage.size goes down from 20Gi to 10Gi',
        'HelmRelease app/x: spec.values.persistence.data.size goes down from 5Gi to 1Gi',
        'PersistentVolumeClaim app/data: spec.resources.requests.storage goes down from 2Gi to 1024Mi',
      ],
    },
    silent: {
      'the same size in another unit': { before: claim('data', '1Gi'), after: claim('data', '1024Mi') },
      'it grows': { before: cnpg('{storage: {size: 1Gi}}'), after: cnpg('{storage: {size: 2Gi}}') },
      'a limit of memory': {
        before: release('x', { values: '{cache: {size: 2Gi}, resources: {limits: {memory: 2Gi}}}' }),
        after: release('x', { values: '{cache: {size: 1Gi}, resources: {limits: {memory: 1Gi}}}' }),
      },
    },
  },
  'fewer-copies-of-data': {
    raises: {
      before:
        cnpg('{instances: 3}') + release('ceph', { values: '{cephBlockPools: [{spec: {replicated: {size: 3}}}]}' }),
      after:
        cnpg('{instances: 1}') + release('ceph', { values: '{cephBlockPools: [{spec: {replicated: {size: 2}}}]}' }),
      says: [
        'Cluster app/db: spec.instances goes down from 3 to 1',
        'HelmRelease app/ceph: spec.values.cephBlockPools[0].spec.replicated.size goes down from 3 to 2',
      ],
    },
    silent: { 'it grows': { before: cnpg('{instances: 1}'), after: cnpg('{instances: 3}') } },
  },
  'reclaim-policy-deletes': {
    raises: {
      before: storageClass('Retain'),
      after: storageClass('Delete'),
      says: ['StorageClass fast: reclaimPolicy goes from Retain to Delete'],
    },
    silent: { 'it begins to retain': { before: storageClass('Delete'), after: storageClass('Retain') } },
  },
  'storage-class-deleted': {
    raises: { before: storageClass('Retain'), after: '', says: ['StorageClass fast: leaves Git, and Flux deletes it'] },
    silent: {
      'one is added': {
        before: storageClass('Retain'),
        after: storageClass('Retain') + storageClass('Retain', 'slow'),
      },
    },
  },
  'backup-gone': {
    raises: {
      before:
        web +
        object('volsync.backube/v1alpha1', 'ReplicationSource', 'a') +
        object('postgresql.cnpg.io/v1', 'ScheduledBackup', 'b', 'spec: {suspend: false}'),
      after: web + object('postgresql.cnpg.io/v1', 'ScheduledBackup', 'b', 'spec: {suspend: true}'),
      says: [
        'ReplicationSource app/a: leaves Git, and Flux deletes it',
        'ScheduledBackup app/b: spec.suspend becomes true: no more backups are made',
      ],
    },
    silent: {
      'the app goes as a whole': {
        before: { app: web, other: object('volsync.backube/v1alpha1', 'ReplicationSource', 'a') },
        after: { app: web },
      },
    },
  },
};

const prune: Record<string, Case> = {
  'release-uninstalled': {
    raises: {
      before: release('x'),
      after: '',
      says: ['HelmRelease app/x: leaves Git, and Flux uninstalls the release'],
    },
    silent: { 'it is suspended': { before: release('x', { more: 'suspend: true' }), after: '' } },
  },
  'objects-deleted': {
    raises: {
      before: { app: web, other: object('v1', 'ConfigMap', 'a') + object('v1', 'ConfigMap', 'b') },
      after: { app: web },
      says: ['Kustomization flux-system/other: Flux deletes 2 objects: ConfigMap app/a, ConfigMap app/b'],
    },
    silent: {
      'nothing prunes': {
        before: { app: { yaml: web, ...pruneOff } },
        after: { app: { yaml: '', ...pruneOff } },
      },
      'a release, which has a rule of its own': { before: release('x'), after: '' },
    },
  },
  'objects-orphaned': {
    raises: {
      before: {
        app: { yaml: object('v1', 'ConfigMap', 'a'), ...pruneOff },
        other: { yaml: object('v1', 'ConfigMap', 'b'), spec: { deletionPolicy: 'Orphan' } },
      },
      after: { app: { yaml: '', ...pruneOff } },
      says: [
        'Kustomization flux-system/app: one object stays on the cluster: ConfigMap app/a (Kustomization flux-system/app does not prune)',
        'Kustomization flux-system/other: one object stays on the cluster: ConfigMap app/b (Kustomization flux-system/other has deletionPolicy Orphan)',
      ],
    },
    silent: {
      'the object is deleted': { before: web, after: '' },
      'its namespace is deleted with it': {
        before: { app: ns, other: { yaml: object('v1', 'ConfigMap', 'a'), ...pruneOff } },
        after: { other: { yaml: '', ...pruneOff } },
      },
    },
  },
  'suspended-leaves': {
    raises: {
      before: release('x', { more: 'suspend: true' }),
      after: '',
      says: ['HelmRelease app/x: leaves Git while HelmRelease app/x is suspended'],
    },
    silent: { 'it is not suspended': { before: release('x'), after: '' } },
  },
};

const immutable: Record<string, Case> = {
  'immutable-changed': {
    raises: {
      before:
        deployment('web') +
        statefulSet(template('1Gi')) +
        claim('c', '1Gi', 'storageClassName: fast') +
        object('v1', 'ConfigMap', 'm', 'immutable: true\ndata: {a: b}') +
        object('v1', 'Service', 's', 'spec: {clusterIP: 10.0.0.1}'),
      after:
        deployment('web', { selector: 'site' }) +
        statefulSet(template('2Gi')) +
        claim('c', '1Gi', 'storageClassName: slow') +
        object('v1', 'ConfigMap', 'm', 'immutable: true\ndata: {a: c}') +
        object('v1', 'Service', 's', 'spec: {clusterIP: None}'),
      says: [
        'ConfigMap app/m: its data changes although immutable is true',
        'Deployment app/web: spec.selector changes from {"matchLabels":{"app":"web"}} to {"matchLabels":{"app":"site"}}',
        'PersistentVolumeClaim app/c: spec.storageClassName changes from fast to slow',
        'Service app/s: spec.clusterIP changes from 10.0.0.1 to None',
        'StatefulSet app/db: spec.volumeClaimTemplates changes',
      ],
    },
    silent: {
      'what may change': {
        before: deployment('web') + statefulSet(template('1Gi')) + claim('c', '1Gi'),
        after:
          deployment('web', { replicas: 3 }) +
          statefulSet(template('1Gi'), ', minReadySeconds: 5') +
          claim('c', '2Gi', 'volumeAttributesClassName: gold'),
      },
      'a default is written out': {
        before: statefulSet(template('1Gi')) + object('v1', 'Secret', 's'),
        after:
          statefulSet(template('1Gi'), ', podManagementPolicy: OrderedReady') +
          object('v1', 'Secret', 's', 'type: Opaque'),
      },
      'the object has another name': { before: deployment('web'), after: deployment('site') },
      'Flux leaves it alone': {
        before: object('v1', 'Secret', 's', 'type: a', 'annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}'),
        after: object('v1', 'Secret', 's', 'type: b', 'annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}'),
      },
      'Git no longer asks for an address': {
        before: object('v1', 'Service', 's', 'spec: {clusterIP: 10.0.0.1}'),
        after: object('v1', 'Service', 's', 'spec: {}'),
      },
    },
  },
  'recreated-by-force': {
    raises: {
      before: { app: { yaml: claim('c', '1Gi', 'storageClassName: fast'), spec: { force: true } } },
      after: { app: { yaml: claim('c', '1Gi', 'storageClassName: slow'), spec: { force: true } } },
      says: ['PersistentVolumeClaim app/c: spec.storageClassName changes from fast to slow'],
    },
    silent: {
      'force is not set': {
        before: claim('c', '1Gi', 'storageClassName: a'),
        after: claim('c', '1Gi', 'storageClassName: b'),
      },
      'nothing immutable changes': {
        before: { app: { yaml: claim('c', '1Gi'), spec: { force: true } } },
        after: { app: { yaml: claim('c', '2Gi'), spec: { force: true } } },
      },
      'a job runs again': {
        before: object(
          'batch/v1',
          'Job',
          'j',
          'spec: {template: {spec: {a: 1}}}',
          'annotations: {kustomize.toolkit.fluxcd.io/force: enabled}',
        ),
        after: object(
          'batch/v1',
          'Job',
          'j',
          'spec: {template: {spec: {a: 2}}}',
          'annotations: {kustomize.toolkit.fluxcd.io/force: enabled}',
        ),
      },
    },
  },
};

/** Cases about data, what leaves Git, and what cannot change. */
export const firstCases: Readonly<Record<string, Case>> = { ...data, ...prune, ...immutable };
