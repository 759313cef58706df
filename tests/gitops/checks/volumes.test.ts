import { countVolumes, volumeWithoutBackup } from '../../../gitops/checks/volumes';
import { collectFindings } from '../../../gitops/findings';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { Tree } from '../../../gitops/tree';
import { handTree, idleProgram } from './handTree';

const treeOf = (text: string): Tree =>
  handTree([{ name: 'flux-system' }, { name: 'app', parent: 'flux-system', files: { 'app.yaml': text } }], {
    program: idleProgram,
  });
const foundIn = (tree: Tree) => collectFindings(tree, { checks: [volumeWithoutBackup] });
const whats = (...documents: string[]): string[] =>
  foundIn(treeOf(documents.join('\n---\n'))).findings.map(({ object, what }) => `${object}: ${what}`);

const object = (apiVersion: string, kind: string, name: string, spec: object): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'ns' }, spec });
const claim = object('v1', 'PersistentVolumeClaim', 'data', { resources: { requests: { storage: '1Gi' } } });
const source = (sourcePVC: string, more: object = {}): string =>
  object('volsync.backube/v1alpha1', 'ReplicationSource', sourcePVC, {
    sourcePVC,
    trigger: { schedule: '0 3 * * *' },
    ...more,
  });
const set = (replicas: number): string =>
  object('apps/v1', 'StatefulSet', 'db', { replicas, volumeClaimTemplates: [{ metadata: { name: 'data' } }] });
const postgres = object('postgresql.cnpg.io/v1', 'Cluster', 'pg', { storage: { size: '1Gi' }, walStorage: {} });
const nightly = (more: object = {}): string =>
  object('postgresql.cnpg.io/v1', 'ScheduledBackup', 'pg', { cluster: { name: 'pg' }, ...more });
const nothing = 'no backup has its volumes';

test.each<[string, string[]]>([
  ['a claim with a schedule', [claim, source('data')]],
  ['each claim of a StatefulSet', [set(2), source('data-db-0'), source('data-db-1')]],
  ['Postgres with a scheduled backup', [postgres, nightly()]],
  ['a volume that ends with its pod', [object('a.b/v1', 'Run', 'r', { ephemeral: { volumeClaimTemplate: {} } })]],
  ['an object without volumes', [object('v1', 'Service', 's', {})]],
  ['disks of Ceph', [object('ceph.rook.io/v1', 'CephCluster', 'c', { sets: [{ volumeClaimTemplates: [{}] }] })]],
])('accepts %s', (_what, documents) => {
  expect(whats(...documents)).toEqual([]);
});

test.each<[string, string[], string[]]>([
  ['a claim', [claim], [`PersistentVolumeClaim ns/data: ${nothing}: data`]],
  ['a claim of another name', [claim, source('other')], [`PersistentVolumeClaim ns/data: ${nothing}: data`]],
  [
    'a claim whose backup is paused, or without a schedule',
    [claim, source('data', { paused: true }), source('data', { trigger: { manual: 'once' } })],
    [`PersistentVolumeClaim ns/data: ${nothing}: data`],
  ],
  ['one of two claims of a StatefulSet', [set(2), source('data-db-0')], [`StatefulSet ns/db: ${nothing}: data`]],
  [
    'Postgres whose backup is suspended',
    [postgres, nightly({ suspend: true })],
    [`Cluster ns/pg: ${nothing}: storage, walStorage`],
  ],
  [
    'a pool of Kafka',
    [
      object('kafka.strimzi.io/v1beta2', 'KafkaNodePool', 'a', { storage: { type: 'persistent-claim' } }),
      object('kafka.strimzi.io/v1beta2', 'KafkaNodePool', 'b', {
        storage: { type: 'jbod', volumes: [{ type: 'ephemeral' }, { type: 'persistent-claim' }] },
      }),
    ],
    [`KafkaNodePool ns/a: ${nothing}: storage`, `KafkaNodePool ns/b: ${nothing}: storage 1`],
  ],
  [
    'what operators make',
    [
      object('x.y/v1', 'Thing', 'a', { parts: [{ storage: { volumeClaimTemplate: {} } }] }),
      object('x.y/v1', 'Thing', 'b', { volumeClaimTemplates: [{}] }),
    ],
    [`Thing ns/a: ${nothing}: storage`, `Thing ns/b: ${nothing}: volumeClaimTemplates`],
  ],
])('refuses %s', (_what, documents, expected) => {
  expect(whats(...documents)).toEqual(expected);
});

test('counts objects, and those that are backed up', () => {
  expect(countVolumes(treeOf([claim, postgres, nightly()].join('\n---\n')))).toEqual({ objects: 2, backedUp: 1 });
});

test('what a chart renders counts if charts are rendered, and is said to be unknown otherwise', () => {
  const release = object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'app', {
    chart: { spec: { chart: 'app', version: '1.0.0', sourceRef: { kind: 'HelmRepository', name: 'app' } } },
  });
  const rendered = { ...(JSON.parse(set(1)) as KubernetesObject), metadata: { name: 'db' } };
  const of = (...more: string[]) => {
    const tree = treeOf([release, ...more].join('\n---\n'));
    const [found] = tree.clusters.flatMap(({ objects }) => objects.filter((one) => one.object.kind === 'HelmRelease'));
    return foundIn({ ...tree, chartObjects: new Map(found === undefined ? [] : [[found, [rendered]]]) }).findings;
  };
  expect(of().map(({ object: about, what }) => `${about}: ${what}`)).toEqual([
    'HelmRelease ns/app: its chart renders StatefulSet db, and no backup has its volumes: data',
  ]);
  expect(of(source('data-db-0'))).toEqual([]);
  const [unknown] = foundIn(treeOf(release)).notChecked;
  expect(unknown?.reason).toBe('a chart may make volumes; --charts shows them');
});
