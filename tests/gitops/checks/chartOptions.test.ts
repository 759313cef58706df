import { chartOptionsContradict } from '../../../gitops/checks/chartOptions';
import { findingsOf } from './handTree';
import { chart, release, tree } from './releaseTree';

const found = (name: string, values: string): string[] =>
  findingsOf(chartOptionsContradict, tree(chart(name, values))).map((line) => line.replace(/^\S+ /, ''));

test.each([
  [
    '{kubeProxyReplacement: true, gatewayAPI: {enabled: true}, l2announcements: {enabled: true}, bpf: {masquerade: true}}',
    0,
  ],
  ['{kubeProxyReplacement: "true", gatewayAPI: {enabled: true}}', 0],
  ['{nodePort: {enabled: true}, gatewayAPI: {enabled: true}, bpf: {masquerade: true}}', 0],
  ['{nodePort: {enabled: true}, l2announcements: {enabled: true}}', 1],
  ['{gatewayAPI: {enabled: true}}', 1],
  ['{kubeProxyReplacement: true, gatewayAPI: {enabled: true}, l7Proxy: false}', 1],
  ['{kubeProxyReplacement: true, ingressController: {enabled: true}, l7Proxy: false}', 1],
  ['{l7Proxy: false}', 0],
  ['{autoDirectNodeRoutes: true}', 1],
  ['{autoDirectNodeRoutes: true, routingMode: native, ipv4NativeRoutingCIDR: 10.0.0.0/8}', 0],
  ['{routingMode: native}', 1],
  ['{routingMode: native, enableIPv4Masquerade: false}', 0],
  ['{routingMode: native, ipMasqAgent: {enabled: true}}', 0],
  ['{routingMode: native, ipam: {mode: eni}}', 0],
  ['{routingMode: native, ipv4: {enabled: false}}', 0],
  ['{hubble: {ui: {enabled: true}, relay: {enabled: true}}}', 0],
  ['{hubble: {ui: {enabled: true}}}', 1],
  ['{hubble: {ui: {enabled: true, standalone: {enabled: true}}}}', 0],
  ['{hubble: {enabled: false, relay: {enabled: true}}}', 1],
  ['{installNoConntrackIptablesRules: true}', 1],
  ['{authentication: {enabled: false, mutual: {spire: {enabled: true}}}}', 1],
  ['{authentication: {mutual: {spire: {enabled: true}}}}', 0],
  ['{k8sServiceHost: a, k8sServiceHostRef: {name: b, key: c}}', 1],
  ['{k8sServiceHost: "", k8sServiceHostRef: {name: b, key: c}}', 0],
])('Cilium with %s', (values, count) => expect(found('cilium', values)).toHaveLength(count));

test.each([
  ['{useAllDevices: true, deviceFilter: "^sd"}', 1],
  // The default is useAllDevices: true, which the filter overrides.
  ['{deviceFilter: "^sd"}', 0],
  ['{useAllDevices: false, deviceFilter: "^sd"}', 0],
  ['{useAllDevices: true, deviceFilter: ""}', 0],
  ['{deviceFilter: "^sd", devicePathFilter: "^/dev/sd"}', 1],
  ['{useAllNodes: false, nodes: [{name: a}]}', 0],
  ['{nodes: [{name: a}]}', 1],
  ['{useAllNodes: true, nodes: [{name: a}]}', 1],
  ['{useAllNodes: true, nodes: []}', 0],
])("Rook's storage %s", (storage, count) => {
  expect(found('rook-ceph-cluster', `{cephClusterSpec: {storage: ${storage}}}`)).toHaveLength(count);
});

test('a CephCluster has no defaults of a chart', () => {
  const cluster = (storage: string): string =>
    `---\napiVersion: ceph.rook.io/v1\nkind: CephCluster\nmetadata: {name: c, namespace: a}\nspec: {storage: ${storage}}\n`;
  expect(findingsOf(chartOptionsContradict, tree(cluster('{nodes: [{name: a}]}')))).toEqual([]);
  expect(findingsOf(chartOptionsContradict, tree(cluster('{useAllDevices: true, deviceFilter: "^sd"}')))).toEqual([
    'r.yaml:5 sets both deviceFilter and useAllDevices: true: Rook uses deviceFilter alone',
  ]);
});

test('other charts', () => {
  expect(found('cert-manager', '{installCRDs: true, crds: {enabled: true}}')).toHaveLength(1);
  expect(found('cert-manager', '{crds: {enabled: true}}')).toEqual([]);
  expect(found('external-dns', '{policy: sync, registry: noop}')).toHaveLength(1);
  expect(found('external-dns', '{policy: upsert-only, registry: noop}')).toEqual([]);
});

test('values from elsewhere may set the other option', () => {
  const [repository = ''] = chart('cilium', '{}').split('---\napiVersion: helm');
  const from = release(
    '{chartRef: {kind: OCIRepository, name: x}, valuesFrom: [{kind: ConfigMap, name: v}], values: {gatewayAPI: {enabled: true}}}',
  );
  expect(findingsOf(chartOptionsContradict, tree(repository, from))).toEqual([]);
});
