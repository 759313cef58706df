import { isolates, policiesOf, requirements } from '../../../gitops/checks/facts/networkPolicies';
import {
  enablesPolicies,
  namespaceWithoutDefaultDeny,
  namespaceWithoutDns,
} from '../../../gitops/checks/namespacePolicies';
import {
  authenticationWithoutSpire,
  clusterwideDefaultDeny,
  fqdnWithoutDnsRule,
  gatewayByLabel,
  policyApiPort,
} from '../../../gitops/checks/networkPolicies';
import { findingsOf, handTree } from './handTree';

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
])('%s isolates pods', (document, ingress, egress) => {
  const [policy] = tree(document).clusters.flatMap(policiesOf);
  expect(policy && [isolates(policy, 'ingress'), isolates(policy, 'egress')]).toEqual([ingress, egress]);
});

test("normalizes labels with Cilium's prefix, and expressions with a single value", () => {
  const label = requirements({ matchLabels: { 'k8s:app': 'x' } });
  expect(requirements({ matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] })).toEqual(label);
  expect(requirements({ matchLabels: { 'any:app': 'x' } })).toEqual(label);
});

describe('a default deny', () => {
  test('must cover every pod in both directions, with one policy or several', () => {
    const found = (...policies: string[]): string[] =>
      findingsOf(namespaceWithoutDefaultDeny, tree(namespace, ...policies));
    expect(found(plain('{podSelector: {}, policyTypes: [Ingress, Egress]}'))).toEqual([]);
    expect(found(plain('{podSelector: {}}'), cilium('{endpointSelector: {}, egress: [{}]}'))).toEqual([]);
    expect(found(plain('{podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress, Egress]}'))).toHaveLength(1);
    expect(found(plain('{podSelector: {}}'))).toEqual([
      expect.stringContaining('denies egress for all its pods by default'),
    ]);
  });

  test("of a clusterwide policy counts for a namespace if it selects the namespace's pods", () => {
    const policy = (selector: string): string =>
      cilium(`{endpointSelector: ${selector}, ingress: [{}], egress: [{}]}`, 'c', 'CiliumClusterwideNetworkPolicy');
    const own = policy('{matchLabels: {k8s:io.kubernetes.pod.namespace: a}}');
    expect(findingsOf(namespaceWithoutDefaultDeny, tree(namespace, own))).toEqual([]);
    expect(findingsOf(clusterwideDefaultDeny, tree(own))).toEqual([]);
    expect(findingsOf(clusterwideDefaultDeny, tree(policy('{}')))).toHaveLength(1);
  });
});

test("port 53 of another DNS server is not the cluster's DNS", () => {
  const to = (peer: string): string =>
    cilium(`{endpointSelector: {}, egress: [{${peer}, toPorts: [{ports: [{port: "53"}]}]}]}`);
  expect(findingsOf(namespaceWithoutDns, tree(namespace, to('toCIDR: [10.0.0.2/32]')))).toHaveLength(1);
  expect(
    findingsOf(namespaceWithoutDns, tree(namespace, to('toEndpoints: [{matchLabels: {k8s:k8s-app: kube-dns}}]'))),
  ).toEqual([]);
});

describe('fqdn-without-dns-rule', () => {
  const names = (selector: string): string =>
    cilium(`{endpointSelector: ${selector}, egress: [{toFQDNs: [{matchName: x.example}]}]}`);
  const dns = (selector: string): string =>
    cilium(
      `{endpointSelector: ${selector}, egress: [{toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchPattern: "*"}]}}]}]}`,
      'dns',
    );
  const found = (...policies: string[]): string[] => findingsOf(fqdnWithoutDnsRule, tree(...policies));

  test('requires a dns rule for every selected pod', () => {
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
  expect(findingsOf(policyApiPort, tree(policy))).toHaveLength(count);
});

test('checks the rules in `specs` too', () => {
  const rule = '{endpointSelector: {}, egress: [{toEntities: [kube-apiserver], toPorts: [{ports: [{port: "443"}]}]}]}';
  const policy = `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: a}\nspecs:\n  - ${rule}\n`;
  expect(findingsOf(policyApiPort, tree(policy))).toEqual([expect.stringMatching(/^apps\/a\.yaml:5 /)]);
});

test('finds gateway labels in plain network policies too', () => {
  const from = (key: string): string =>
    plain(`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {${key}: x}}}]}]}`);
  expect(findingsOf(gatewayByLabel, tree(from('gateway.networking.k8s.io/gateway-name')))).toHaveLength(1);
  expect(findingsOf(gatewayByLabel, tree(from('app')))).toEqual([]);
});

test('ignores authentication if Git has no Cilium', () => {
  const policy = cilium('{endpointSelector: {}, ingress: [{authentication: {mode: required}}]}');
  expect(findingsOf(authenticationWithoutSpire, tree(policy))).toEqual([]);
});

test.each([
  [{ cluster: { networkPolicy: true } }, true],
  [{ webhook: { networkPolicy: { enabled: true } } }, true],
  [{ networkPolicy: { enabled: false } }, false],
  [{ policy: { enabled: true } }, false],
])('values %j enable policies: %s', (values, expected) => {
  expect(enablesPolicies(values)).toBe(expected);
});
