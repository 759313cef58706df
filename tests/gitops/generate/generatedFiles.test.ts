import { parseAllDocuments } from 'yaml';
import { type ListedCluster } from '../../../gitops/generate/fleet';
import { generatedFiles, staleFiles } from '../../../gitops/generate/generatedFiles';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';

const cluster = (name: string, ...systems: string[]): ListedCluster => ({ name, systems: new Set(systems) });
const folder = 'kubernetes/clusters/a/observability';
const fleet = [
  cluster('b', 'metrics', 'flux-alerts', 'logs', 'metrics-store-remote'),
  cluster('a', 'metrics', 'metrics-store'),
  cluster('c', 'core'),
];

const textOf = (files: ReturnType<typeof generatedFiles>, name: string): string =>
  files.find(({ path }) => path === `${folder}/${name}`)?.text ?? '';

/** The VMUsers of a fleet by name, with where they may go. */
function users(clusters: readonly ListedCluster[]): Record<string, unknown> {
  const documents = parseAllDocuments(textOf(generatedFiles(clusters), 'writers.yaml'));
  const objects = Array.isArray(documents) ? documents.map((document) => document.toJS() as KubernetesObject) : [];
  const found = objects.filter(({ kind }) => kind === 'VMUser');
  return Object.fromEntries(found.map(({ metadata, spec }) => [metadata.name, spec]));
}

test('the folder has a list of what is in it', () => {
  expect(generatedFiles(fleet).map(({ path }) => path)).toEqual([
    `${folder}/kustomization.yaml`,
    `${folder}/writers.yaml`,
  ]);
  expect(textOf(generatedFiles(fleet), 'kustomization.yaml')).toBe(`---
# yaml-language-server: $schema=https://json.schemastore.org/kustomization
# Written by \`npm run generate\` from the systems that each cluster lists: do not edit.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: observability
resources:
  - writers.yaml
`);
});

test('each writer has a user of its own, with its password and its path', () => {
  expect(users(fleet)).toEqual({
    'a-metrics-writer': {
      username: 'a-metrics-writer',
      passwordRef: { name: 'writers-a', key: 'metrics-writer-password' },
      disable_secret_creation: true,
      targetRefs: [
        {
          crd: { kind: 'VMCluster/vminsert', name: 'global', namespace: 'observability' },
          paths: ['/insert/0/prometheus/api/v1/write'],
        },
      ],
    },
    'b-metrics-writer': {
      username: 'b-metrics-writer',
      passwordRef: { name: 'writers-b', key: 'metrics-writer-password' },
      disable_secret_creation: true,
      targetRefs: [
        {
          crd: { kind: 'VMCluster/vminsert', name: 'global', namespace: 'observability' },
          paths: ['/insert/0/prometheus/api/v1/write'],
        },
      ],
    },
    'b-alerts-writer': {
      username: 'b-alerts-writer',
      passwordRef: { name: 'writers-b', key: 'alerts-writer-password' },
      disable_secret_creation: true,
      targetRefs: [
        { crd: { kind: 'VMAlertmanager', name: 'global', namespace: 'observability' }, paths: ['/api/v2/alerts'] },
      ],
    },
  });
});

test('logs and traces have users where they are stored', () => {
  const storing = cluster('a', 'metrics-store', 'logs', 'logs-store', 'traces-store');
  expect(Object.keys(users([storing, cluster('b', 'logs', 'traces', 'metrics-store-remote')]))).toEqual([
    'a-logs-writer',
    'b-logs-writer',
    'b-traces-writer',
  ]);
});

test('the Secret of a cluster reads the item of that cluster, field by field', () => {
  const [only] = generatedFiles([cluster('a', 'metrics', 'metrics-store')]).filter(({ path }) =>
    path.endsWith('writers.yaml'),
  );
  expect(only?.text).toBe(`---
# yaml-language-server: $schema=https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/external-secrets.io/externalsecret_v1.json
# Written by \`npm run generate\` from the systems that each cluster lists: do not edit.
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: writers-a
spec:
  refreshInterval: 1h
  secretStoreRef:
    kind: ClusterSecretStore
    name: \${EXTERNAL_SECRET_STORE}
  target:
    name: writers-a
    creationPolicy: Owner
    deletionPolicy: Retain
  data:
    - secretKey: metrics-writer-password
      remoteRef:
        key: kubernetes/a/observability
        property: metrics-writer-password
---
# yaml-language-server: $schema=https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/operator.victoriametrics.com/vmuser_v1beta1.json
apiVersion: operator.victoriametrics.com/v1beta1
kind: VMUser
metadata:
  name: a-metrics-writer
spec:
  username: a-metrics-writer
  passwordRef:
    name: writers-a
    key: metrics-writer-password
  disable_secret_creation: true
  targetRefs:
    - crd:
        kind: VMCluster/vminsert
        name: global
        namespace: observability
      paths:
        - /insert/0/prometheus/api/v1/write
`);
});

test('nothing is generated unless exactly one cluster stores', () => {
  expect(generatedFiles([cluster('a', 'metrics')])).toEqual([]);
  expect(generatedFiles([cluster('a', 'metrics-store'), cluster('b', 'metrics-store')])).toEqual([]);
});

describe('stale files', () => {
  const fresh = new Map(generatedFiles(fleet).map(({ path, text }) => [path, text]));
  const stale = (files: ReadonlyMap<string, string>, of = fleet): [string, number, boolean][] =>
    staleFiles(of, [...files.keys()], (path) => files.get(path)).map(({ path, line, text }) => [
      path,
      line,
      text === undefined,
    ]);

  test('what was just written has no stale file', () => expect(stale(fresh)).toEqual([]));

  test('a missing file, and the first line that differs', () => {
    const writers = `${folder}/writers.yaml`;
    const text = fresh.get(writers) ?? '';
    expect(stale(new Map([[writers, text.replace('name: writers-a', 'name: writers')]]))).toEqual([
      [`${folder}/kustomization.yaml`, 1, false],
      [writers, 7, false],
    ]);
    expect(stale(new Map([...fresh, [writers, `${text}#\n`]]))).toEqual([[writers, text.split('\n').length, false]]);
  });

  test('what is left over, but not what people wrote', () => {
    const left = new Map([...fresh, [`${folder}/notes.yaml`, '---\n']]);
    expect(stale(left, [cluster('a', 'core')])).toEqual([...fresh.keys()].map((path) => [path, 1, true]));
  });
});
