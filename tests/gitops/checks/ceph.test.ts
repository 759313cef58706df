import { cephMonitorsEven, cephReplicasAboveNodes } from '../../../gitops/checks/ceph';
import { findingsOf, handTree } from './handTree';
import { chart } from './releaseTree';

const stack = 'config:\n  k:nodes:\n    - {name: a, role: controlplane}\n    - {name: b, role: controlplane}\n';

/** A tree with one document, and a stack of two nodes. */
function withStack(document: string) {
  const tree = handTree([{ name: 'flux-system', files: { 'a.yaml': document } }]);
  return { ...tree, read: (file: string) => (file === 'Pulumi.one.yaml' ? stack : tree.read(file)) };
}

const object = (kind: string, spec: string): string =>
  `apiVersion: ceph.rook.io/v1\nkind: ${kind}\nmetadata: {name: c, namespace: d}\nspec: ${spec}\n`;

test.each([
  ['{mon: {count: 4}}', 1],
  ['{mon: {count: "4"}}', 1],
  ['{mon: {count: 3}}', 0],
  // Rook takes its default.
  ['{mon: {count: 0}}', 0],
  ['{}', 0],
])('monitors %s: %d findings', (spec, count) => {
  expect(findingsOf(cephMonitorsEven, withStack(object('CephCluster', spec)))).toHaveLength(count);
  const inChart = withStack(chart('rook-ceph-cluster', `{cephClusterSpec: ${spec}}`));
  expect(findingsOf(cephMonitorsEven, inChart)).toHaveLength(count);
});

test.each([
  ['CephBlockPool', '{replicated: {size: 3}}', 1],
  ['CephBlockPool', '{replicated: {size: 2}}', 0],
  ['CephBlockPool', '{failureDomain: osd, replicated: {size: 3}}', 0],
  ['CephBlockPool', '{erasureCoded: {dataChunks: 4}}', 0],
  ['CephFilesystem', '{metadataPool: {replicated: {size: 3}}, dataPools: [{replicated: {size: 3}}]}', 2],
  ['CephObjectStore', '{metadataPool: {replicated: {size: 2}}, dataPool: {replicated: {size: 3}}}', 1],
])('%s %s on two nodes: %d findings', (kind, spec, count) => {
  expect(findingsOf(cephReplicasAboveNodes, withStack(object(kind, spec)))).toHaveLength(count);
});

test('a stack without nodes decides nothing', () => {
  const tree = handTree([
    { name: 'flux-system', files: { 'a.yaml': object('CephBlockPool', '{replicated: {size: 9}}') } },
  ]);
  expect(findingsOf(cephReplicasAboveNodes, tree)).toEqual([]);
});
