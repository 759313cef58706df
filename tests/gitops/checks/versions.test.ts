import { chartAheadOfCrds, versionsIncompatible, versionsUnsupported } from '../../../gitops/checks/versions';
import { findingsOf, handTree } from './handTree';
import { chart } from './releaseTree';

/** A chart of an exact version. */
const pinned = (name: string, version: string, values = '{}'): string =>
  chart(name, values, name).replace(`"oci://r.example/${name}"`, (url) => `${url}, ref: {tag: ${version}}`);

/** A cluster with Cilium and one source of Gateway API's CRDs. */
function withCilium(version: string, values: string, crds: string) {
  const files = { 'cilium.yaml': pinned('cilium', version, values), 'crds.yaml': crds };
  return handTree([{ name: 'flux-system' }, { name: 'apps', parent: 'flux-system', files }]);
}

const gateways = '{gatewayAPI: {enabled: true}}';
const repository = (tag: string): string =>
  [
    'apiVersion: source.toolkit.fluxcd.io/v1',
    'kind: GitRepository',
    'metadata: {name: crds, namespace: flux-system}',
    `spec: {url: https://github.com/kubernetes-sigs/gateway-api.git, ref: {tag: ${tag}}}`,
  ].join('\n');
const crd = (kind: string, version: string): string =>
  [
    'apiVersion: apiextensions.k8s.io/v1',
    'kind: CustomResourceDefinition',
    `metadata: {name: ${kind}, annotations: {gateway.networking.k8s.io/bundle-version: ${version}}}`,
    'spec: {group: gateway.networking.k8s.io}',
  ].join('\n');

/** What the rules say: findings, and places that they did not check. */
const said = (tree: ReturnType<typeof handTree>) => {
  const results = [...versionsIncompatible.run(tree)];
  return results.flatMap((raw) => ('places' in raw ? [] : [('at' in raw ? '' : 'not checked: ') + raw.what]));
};

test('Gateway API from a Git tag, or from CRDs in Git, which are reported once', () => {
  const crds = [crd('gateways', 'v1.3.0'), crd('httproutes', 'v1.3.0')].join('\n---\n');
  const what = 'Cilium 1.20.1 needs Gateway API 1.6.1 or later; this cluster has v1.3.0 (crds.yaml:';
  expect(said(withCilium('1.20.1', gateways, repository('v1.3.0')))).toEqual([expect.stringContaining(what)]);
  expect(said(withCilium('1.20.1', gateways, crds))).toEqual([expect.stringContaining(what)]);
  expect(said(withCilium('1.20.1', gateways, repository('v1.6.1')))).toEqual([]);
  expect(said(withCilium('1.18.3', gateways, repository('v1.3.0')))).toEqual([]);
});

test('Gateway API does not matter if Cilium does not serve it', () => {
  expect(said(withCilium('1.20.1', '{}', repository('v1.3.0')))).toEqual([]);
});

test('a version that the table does not have is not checked, and never reported', () => {
  expect(said(withCilium('1.99.0', gateways, repository('v1.3.0')))).toEqual([
    'not checked: Cilium 1.99.0 with Gateway API v1.3.0',
  ]);
  expect(said(withCilium('1.18.3', gateways, repository('main')))).toEqual([
    'not checked: Cilium 1.18.3 with Gateway API main',
  ]);
});

test('Rook accepts other versions of Ceph if allowUnsupported is set', () => {
  const tree = (spec: string) => {
    const files = {
      'rook.yaml': pinned('rook-ceph', 'v1.18.6'),
      'ceph.yaml': `apiVersion: ceph.rook.io/v1\nkind: CephCluster\nmetadata: {name: c, namespace: d}\nspec: {cephVersion: ${spec}}\n`,
    };
    return handTree([{ name: 'flux-system' }, { name: 'apps', parent: 'flux-system', files }]);
  };
  expect(said(tree('{image: "quay.io/ceph/ceph:v20.2.0-20260101"}'))).toHaveLength(1);
  expect(said(tree('{image: "quay.io/ceph/ceph:v20.2.0", allowUnsupported: true}'))).toEqual([]);
  expect(said(tree('{image: "quay.io/ceph/ceph:v19.2.3@sha256:0123"}'))).toEqual([]);
  expect(said(tree('{image: "quay.io/ceph/ceph@sha256:0123"}'))).toEqual([]);
  expect(findingsOf(versionsUnsupported, tree('{}'))).toEqual([]);
});

test('a chart may be older than the chart with its CRDs, or of another patch version', () => {
  const tree = (cluster: string, operator: string) => {
    const files = {
      'cluster.yaml': pinned('rook-ceph-cluster', cluster),
      'operator.yaml': pinned('rook-ceph', operator),
    };
    return handTree([{ name: 'flux-system' }, { name: 'apps', parent: 'flux-system', files }]);
  };
  expect(findingsOf(chartAheadOfCrds, tree('v1.19.0', 'v1.18.6'))).toHaveLength(1);
  expect(findingsOf(chartAheadOfCrds, tree('v1.18.6', 'v1.19.0'))).toEqual([]);
  expect(findingsOf(chartAheadOfCrds, tree('v1.18.7', 'v1.18.6'))).toEqual([]);
});
