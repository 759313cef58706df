import type { KubernetesObject } from '../../gitops/kubernetesObject';
import { platformTable } from '../../gitops/platformTable';
import type { Tree, TreeCluster } from '../../gitops/tree';

const object = (kind: string, apiVersion: string, name: string, spec: object): KubernetesObject =>
  ({ apiVersion, kind, metadata: { name, namespace: 'web' }, spec }) as unknown as KubernetesObject;

function cluster(name: string, version: string): TreeCluster {
  const app = object('Kustomization', 'kustomize.toolkit.fluxcd.io/v1', 'app', { dependsOn: [{ name: 'base' }] });
  const objects = [
    object('HelmRelease', 'helm.toolkit.fluxcd.io/v2', 'app', { chartRef: { kind: 'OCIRepository', name: 'app' } }),
    object('OCIRepository', 'source.toolkit.fluxcd.io/v1', 'app', { url: 'oci://r/charts/app', ref: { tag: version } }),
    object('ExternalSecret', 'external-secrets.io/v1', 'app', {
      data: [{ remoteRef: { key: `kubernetes/${name}/app` } }],
    }),
    object('HTTPRoute', 'gateway.networking.k8s.io/v1', 'app', { hostnames: ['app.example.org'] }),
    object('VMRule', 'operator.victoriametrics.com/v1beta1', 'app', {
      groups: [{ rules: [{ alert: 'AppDown' }, { record: 'x' }] }],
    }),
  ];
  return {
    name,
    entry: '',
    kustomizations: [
      {
        id: 'flux-system/root',
        name: 'root',
        namespace: 'flux-system',
        object: app,
        file: '',
        path: '',
        variables: {},
        files: [],
      },
      {
        id: 'flux-system/app',
        name: 'app',
        namespace: 'flux-system',
        object: app,
        parent: 'flux-system/root',
        file: '',
        path: '',
        variables: {},
        files: [],
      },
    ],
    objects: objects.map((manifest) => ({
      kustomization: 'flux-system/app',
      object: manifest,
      file: '',
      generated: false,
      variables: [],
    })),
    problems: [],
    coverage: { checked: 0, total: 0, kindsWithout: [] },
  };
}

const tree = (...clusters: TreeCluster[]): Tree => ({
  root: '/',
  clusters,
  stacks: [],
  files: [],
  read: () => undefined,
  exists: () => false,
});
const header = [
  '| system | cluster | namespace | chart and version | depends on | secrets | exposure | alerts |',
  '|---|---|---|---|---|---|---|---|',
];

test('identical clusters share a row, with a placeholder for the cluster name', () => {
  expect(platformTable(tree(cluster('one', '1.2.3'), cluster('two', '1.2.3'))).split('\n')).toEqual([
    ...header,
    '| app | one, two | web | app 1.2.3 | base | kubernetes/<cluster>/app | app.example.org | AppDown |',
  ]);
});

test('clusters with different chart versions get separate rows', () => {
  expect(platformTable(tree(cluster('one', '1.2.3'), cluster('two', '1.2.4'))).split('\n')).toEqual([
    ...header,
    '| app | one | web | app 1.2.3 | base | kubernetes/one/app | app.example.org | AppDown |',
    '| app | two | web | app 1.2.4 | base | kubernetes/two/app | app.example.org | AppDown |',
  ]);
});
