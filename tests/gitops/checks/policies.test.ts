import { authenticationWithoutSpire } from '../../../gitops/checks/policies/authentication';
import { clusterwideDefaultDeny } from '../../../gitops/checks/policies/clusterwide';
import { fqdnWithoutDnsRule } from '../../../gitops/checks/policies/fqdn';
import { gatewayByLabel } from '../../../gitops/checks/policies/gateway';
import { namespaceWithoutDefaultDeny, namespaceWithoutDns } from '../../../gitops/checks/policies/isolation';
import { makesPolicies } from '../../../gitops/checks/policies/namespaces';
import { isolates, policiesOf, requirements } from '../../../gitops/checks/policies/policies';
import { policyApiPort } from '../../../gitops/checks/policies/apiPort';
import { handTree, said } from './handTree';

const namespace = '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n';
const cilium = (spec: string, name = 'c', kind = 'CiliumNetworkPolicy'): string =>
  `---\napiVersion: cilium.io/v2\nkind: ${kind}\nmetadata: {name: ${name}${kind === 'CiliumNetworkPolicy' ? ', namespace: a' : ''}}\nspec: ${spec}\n`;
const plain = (spec: string, name = 'n'): string =>
  `---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: a}\nspec: ${spec}\n`;
const tree = (...documents: string[]): ReturnType<typeof handTree> =>
  handTree([{ name: 'flux-system', files: { 'apps/a.yaml': documents.join('') } }]);

test.each([
  [plain('{podSelector: {}}'), true, false],
  [plain('{podSelector: {}, egress: []}'), true, true],
  [plain('{podSelector: {}, policyTypes: [Egress]}'), false, true],
  [cilium('{endpointSelector: {}}'), false, false],
  [cilium('{endpointSelector: {}, ingress: []}'), false, false],
  [cilium('{endpointSelector: {}, ingress: [{}]}'), true, false],
  [cilium('{endpointSelector: {}, egressDeny: [{toEntities: [host]}]}'), false, true],
  [cilium('{endpointSelector: {}, egressDeny: [{}], enableDefaultDeny: {egress: false}}'), false, false],
  [cilium('{endpointSelector: {}, enableDefaultDeny: {ingress: true}}'), true, false],
])('%s closes pods', (document, ingress, egress) => {
  const [policy] = tree(document).clusters.flatMap(policiesOf);
  expect(policy && [isolates(policy, 'ingress'), isolates(policy, 'egress')]).toEqual([ingress, egress]);
});

test("a label means the same with Cilium's prefix, and an expression with one value the same as a label", () => {
  const label = requirements({ matchLabels: { 'k8s:app': 'x' } });
  expect(requirements({ matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] })).toEqual(label);
  expect(requirements({ matchLabels: { 'any:app': 'x' } })).toEqual(label);
});

describe('a default deny', () => {
  test('must be for every pod and both directions, by one policy or several', () => {
    const found = (...policies: string[]): string[] => said(namespaceWithoutDefaultDeny, tree(namespace, ...policies));
    expect(found(plain('{podSelector: {}, policyTypes: [Ingress, Egress]}'))).toEqual([]);
    expect(found(plain('{podSelector: {}}'), cilium('{endpointSelector: {}, egress: [{}]}'))).toEqual([]);
    expect(found(plain('{podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress, Egress]}'))).toHaveLength(1);
    expect(found(plain('{podSelector: {}}'))).toEqual([expect.stringContaining('to egress by default')]);
  });

  test("of the cluster is that of a namespace when it selects the namespace's pods", () => {
    const policy = (selector: string): string =>
      cilium(`{endpointSelector: ${selector}, ingress: [{}], egress: [{}]}`, 'c', 'CiliumClusterwideNetworkPolicy');
    const own = policy('{matchLabels: {k8s:io.kubernetes.pod.namespace: a}}');
    expect(said(namespaceWithoutDefaultDeny, tree(namespace, own))).toEqual([]);
    expect(said(clusterwideDefaultDeny, tree(own))).toEqual([]);
    expect(said(clusterwideDefaultDeny, tree(policy('{}')))).toHaveLength(1);
  });
});

test("port 53 of somebody else's DNS is not the cluster's", () => {
  const to = (peer: string): string =>
    cilium(`{endpointSelector: {}, egress: [{${peer}, toPorts: [{ports: [{port: "53"}]}]}]}`);
  expect(said(namespaceWithoutDns, tree(namespace, to('toCIDR: [10.0.0.2/32]')))).toHaveLength(1);
  expect(
    said(namespaceWithoutDns, tree(namespace, to('toEndpoints: [{matchLabels: {k8s:k8s-app: kube-dns}}]'))),
  ).toEqual([]);
});

describe('a rule by name', () => {
  const names = (selector: string): string =>
    cilium(`{endpointSelector: ${selector}, egress: [{toFQDNs: [{matchName: x.example}]}]}`);
  const dns = (selector: string): string =>
    cilium(
      `{endpointSelector: ${selector}, egress: [{toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchPattern: "*"}]}}]}]}`,
      'dns',
    );
  const found = (...policies: string[]): string[] => said(fqdnWithoutDnsRule, tree(...policies));

  test('needs a dns rule for all the pods that it selects', () => {
    expect(found(names('{matchLabels: {app: x}}'))).toHaveLength(1);
    expect(found(names('{matchLabels: {app: x}}'), dns('{}'))).toEqual([]);
    expect(found(names('{matchLabels: {app: x}}'), dns('{matchLabels: {k8s:app: x}}'))).toEqual([]);
    expect(found(names('{matchLabels: {app: x}}'), dns('{matchLabels: {app: y}}'))).toHaveLength(1);
    expect(found(names('{}'), dns('{matchLabels: {app: x}}'))).toHaveLength(1);
  });
});

test.each([
  ['"443"', 1],
  ['"6443"', 0],
  ['"6000", endPort: 7000', 0],
])('port %s of kube-apiserver', (port, count) => {
  const policy = cilium(
    `{endpointSelector: {}, egress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: ${port}}]}]}]}`,
  );
  expect(said(policyApiPort, tree(policy))).toHaveLength(count);
});

test('a rule of `specs` counts, too', () => {
  const rule = '{endpointSelector: {}, egress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: "443"}]}]}]}';
  const policy = `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: a}\nspecs:\n  - ${rule}\n`;
  expect(said(policyApiPort, tree(policy))).toEqual([expect.stringMatching(/^apps\/a\.yaml:5 /)]);
});

test('a gateway is looked for by label in plain policies, too', () => {
  const from = (key: string): string =>
    plain(`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {${key}: x}}}]}]}`);
  expect(said(gatewayByLabel, tree(from('gateway.networking.k8s.io/gateway-name')))).toHaveLength(1);
  expect(said(gatewayByLabel, tree(from('app')))).toEqual([]);
});

test('authentication is not looked at where Git has no Cilium', () => {
  const policy = cilium('{endpointSelector: {}, ingress: [{authentication: {mode: required}}]}');
  expect(said(authenticationWithoutSpire, tree(policy))).toEqual([]);
});

test.each([
  [{ cluster: { networkPolicy: true } }, true],
  [{ webhook: { networkPolicy: { enabled: true } } }, true],
  [{ networkPolicy: { enabled: false } }, false],
  [{ policy: { enabled: true } }, false],
])('values %j make policies: %s', (values, expected) => {
  expect(makesPolicies(values)).toBe(expected);
});
