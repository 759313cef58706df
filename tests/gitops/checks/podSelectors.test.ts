import { selectorFitsNoPod } from '../../../gitops/checks/podSelectors';
import type { Tree } from '../../../gitops/tree';
import { findingsOf, handTree } from './handTree';
import { chart } from './releaseTree';

const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: a}\nspec: {template: {metadata: {labels: {app: web, tier: front}}, spec: {containers: []}}}\n---\n';
const object = (apiVersion: string, kind: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: o, namespace: a}\nspec: ${spec}\n`;
const service = (selector: string): string => object('v1', 'Service', `{selector: ${selector}}`);
const treeOf = (...documents: string[]): Tree =>
  handTree([{ name: 'flux-system', files: { 'o.yaml': documents.join('') } }]);
const found = (text: string): string[] => findingsOf(selectorFitsNoPod, treeOf(deployment, text));

test.each([
  service('{app: web}'),
  service('{}'),
  object('v1', 'Service', '{type: ExternalName, selector: {app: x}}'),
  object('policy/v1', 'PodDisruptionBudget', '{selector: {matchExpressions: [{key: tier, operator: Exists}]}}'),
  object('networking.k8s.io/v1', 'NetworkPolicy', '{podSelector: {}}'),
  object('cilium.io/v2', 'CiliumNetworkPolicy', '{endpointSelector: {matchLabels: {"k8s:app": web}}}'),
  object(
    'monitoring.coreos.com/v1',
    'PodMonitor',
    '{namespaceSelector: {any: true}, selector: {matchLabels: {app: x}}}',
  ),
])('%s', (text) => expect(found(text)).toEqual([]));

test.each([
  [service('{app: wep}'), 'app=wep', 'it has no endpoints'],
  [service('{app: web, tier: back}'), 'app=web, tier=back', 'it has no endpoints'],
  [object('policy/v1', 'PodDisruptionBudget', '{selector: {matchLabels: {app: x}}}'), 'app=x', 'it protects nothing'],
  [
    object('networking.k8s.io/v1', 'NetworkPolicy', '{podSelector: {matchLabels: {app: x}}}'),
    'app=x',
    'it applies to nothing',
  ],
  [
    object('cilium.io/v2', 'CiliumNetworkPolicy', '{endpointSelector: {matchLabels: {"k8s:app": x}}}'),
    'app=x',
    'it applies to nothing',
  ],
  [
    object(
      'monitoring.coreos.com/v1',
      'PodMonitor',
      '{namespaceSelector: {matchNames: [a]}, selector: {matchLabels: {app: x}}}',
    ),
    'app=x',
    'nothing is scraped',
  ],
])('%s fits nothing', (text, shown, otherwise) =>
  expect(found(text)).toEqual([
    `o.yaml:9 selects pods with ${shown}, which no workload of namespace a has: ${otherwise}`,
  ]),
);

test('what charts, operators or Kubernetes itself may label is not checked', () => {
  const reasons = (tree: Tree): unknown[] =>
    [...selectorFitsNoPod.run(tree)].flatMap((entry) => ('reason' in entry ? [entry.reason] : []));
  const lost = service('{app: x}');
  expect(reasons(treeOf(lost, chart('c', '{}')))).toEqual(['a chart may make the pods; --charts shows them']);
  expect(reasons(treeOf(`${lost}---\n`, object('example.org/v1', 'Database', '{}')))).toEqual([
    'an operator may make the pods',
  ]);
  expect(reasons(treeOf(deployment, service('{statefulset.kubernetes.io/pod-name: x-0}')))).toEqual([
    'the label is not from a template',
  ]);
  expect(reasons(treeOf(deployment, service('{acme.cert-manager.io/http01-solver: "true"}')))).toEqual([
    'a controller makes the pods when they are needed',
  ]);
  const failed = treeOf(lost);
  const [cluster] = failed.clusters;
  const [entry] = cluster?.kustomizations ?? [];
  if (entry !== undefined) entry.skipped = 'suspended';
  expect(reasons(failed)).toEqual(['not every Kustomization is rendered']);
});

test('pods of charts that were rendered', () => {
  const tree = treeOf(service('{app: x}'), chart('c', '{}'));
  const release = tree.clusters[0]?.objects.find(({ object: { kind } }) => kind === 'HelmRelease');
  if (release === undefined) throw new Error('no release');
  const pods = (app: string): Tree['chartObjects'] =>
    new Map([
      [
        release,
        [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { app } }, spec: { containers: [] } }],
      ],
    ]);
  expect(findingsOf(selectorFitsNoPod, { ...tree, chartObjects: pods('x') })).toEqual([]);
  expect(findingsOf(selectorFitsNoPod, { ...tree, chartObjects: pods('y') })).toHaveLength(1);
});
