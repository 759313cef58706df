import { programFacts } from '../../../cluster/programFacts';
import { selectorFitsNoNode } from '../../../gitops/checks/nodeSelectors';
import type { Tree } from '../../../gitops/tree';
import { findingsOf, handTree } from './handTree';
import { release } from './releaseTree';

const stack = `config:
  p:nodes:
    - {name: one-01, role: controlplane}
    - {name: one-02, role: worker}
`;

function treeOf(text: string, file: string | undefined = stack): Tree {
  const tree = handTree([{ name: 'flux-system', files: { 'o.yaml': text } }], { program: programFacts });
  return { ...tree, read: (name) => (name === 'Pulumi.one.yaml' ? file : tree.read(name)) };
}

const policy = (selector: string, kind = 'CiliumL2AnnouncementPolicy'): string =>
  `apiVersion: cilium.io/v2alpha1\nkind: ${kind}\nmetadata: {name: p}\nspec: {nodeSelector: ${selector}}\n`;

test.each([
  '{}',
  '{matchLabels: {kubernetes.io/hostname: one-02}}',
  '{matchExpressions: [{key: node-role.kubernetes.io/control-plane, operator: DoesNotExist}]}',
  '{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [one-01, one-3]}]}',
  '{matchLabels: {kubernetes.io/os: linux, node-role.kubernetes.io/control-plane: ""}}',
  // Cilium may say who made the label.
  '{matchLabels: {"k8s:kubernetes.io/hostname": one-01}}',
])('%s', (selector) => expect(findingsOf(selectorFitsNoNode, treeOf(policy(selector)))).toEqual([]));

test.each([
  ['{matchLabels: {node-role.kubernetes.io/worker: ""}}', 'node-role.kubernetes.io/worker='],
  ['{matchLabels: {kubernetes.io/hostname: one-3}}', 'kubernetes.io/hostname=one-3'],
  ['{matchLabels: {rack: a}}', 'rack=a'],
  [
    '{matchLabels: {kubernetes.io/hostname: one-02}, matchExpressions: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]}',
    'kubernetes.io/hostname=one-02, node-role.kubernetes.io/control-plane Exists',
  ],
])('%s fits nothing', (selector, shown) =>
  expect(findingsOf(selectorFitsNoNode, treeOf(policy(selector)))).toEqual([
    `o.yaml:4 selects nodes with ${shown}, which one does not have: no node answers for the addresses`,
  ]),
);

test('other kinds', () => {
  const lost = '{matchLabels: {rack: a}}';
  for (const kind of ['CiliumBGPClusterConfig', 'CiliumClusterwideNetworkPolicy', 'CiliumNodeConfig']) {
    expect(findingsOf(selectorFitsNoNode, treeOf(policy(lost, kind)))).toHaveLength(1);
  }
  expect(findingsOf(selectorFitsNoNode, treeOf(policy(lost, 'CiliumLoadBalancerIPPool')))).toEqual([]);
});

test('pods, and what charts pass on to them', () => {
  const pods = (selector: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {nodeSelector: ${selector}}}}\n`;
  expect(findingsOf(selectorFitsNoNode, treeOf(pods('{kubernetes.io/os: linux}')))).toEqual([]);
  expect(findingsOf(selectorFitsNoNode, treeOf(pods('{kubernetes.io/hostname: one-09}')))).toEqual([
    'o.yaml:4 selects nodes with kubernetes.io/hostname=one-09, which one does not have: its pods stay pending',
  ]);
  const values = (selector: string): string => release(`{values: {a: [{nodeSelector: ${selector}}]}}`);
  expect(findingsOf(selectorFitsNoNode, treeOf(values('{kubernetes.io/os: linux}')))).toEqual([]);
  expect(findingsOf(selectorFitsNoNode, treeOf(values('{disk: fast}')))).toHaveLength(1);
  // A label selector, not a map of labels.
  expect(findingsOf(selectorFitsNoNode, treeOf(values('{matchLabels: {disk: fast}}')))).toEqual([]);
});

test('what others may set, or a stack without nodes, is not checked', () => {
  const reasons = (tree: Tree): unknown[] =>
    [...selectorFitsNoNode.run(tree)].flatMap((entry) => ('reason' in entry ? [entry.reason] : []));
  expect(reasons(treeOf(policy('{matchLabels: {kubernetes.io/arch: arm64}}')))).toEqual([
    'the label is not set by the program',
  ]);
  expect(reasons(treeOf(policy('{matchLabels: {a: b}}'), 'config: {}'))).toEqual(['the stack lists no nodes']);
});

test('control planes are kept out of load balancing only next to workers', () => {
  const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const labels = (...roles: ('controlplane' | 'worker')[]): boolean[] =>
    programFacts.nodeLabels({ nodes: roles.map((role) => ({ name: 'n', role })) }).map((node) => label in node);
  expect(labels('controlplane', 'worker')).toEqual([true, false]);
  expect(labels('controlplane')).toEqual([false]);
});
