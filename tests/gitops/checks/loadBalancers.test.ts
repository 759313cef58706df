import { addressOutsidePools, addressTakenTwice } from '../../../gitops/checks/loadBalancers';
import type { Tree } from '../../../gitops/tree';
import { findingsOf, handTree, idleProgram, notCheckedBy } from './handTree';
import { release } from './releaseTree';

const tree = (...documents: string[]): Tree =>
  handTree([{ name: 'flux-system', files: { 'r.yaml': documents.join('') } }], { program: idleProgram });
const pool = (spec: string): string =>
  `---\napiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: p}\nspec: ${spec}\n`;
const service = (name: string, annotations: string, spec = '', namespace = 'a'): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {pool: x}, annotations: ${annotations}}\nspec: {type: LoadBalancer, ports: [{port: 53, protocol: UDP}]${spec}}\n`;
const gateway = (spec: string): string =>
  `---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\nspec: ${spec}\n`;
const ips = (address: string, more = ''): string => `{lbipam.cilium.io/ips: "${address}"${more}}`;
const ten = pool('{blocks: [{cidr: 10.0.0.0/28}]}');

test.each([
  ['inside', service('s', ips('10.0.0.3')), 0],
  ['outside', service('s', ips('10.0.0.16')), 1],
  ['the second of two outside', service('s', ips('10.0.0.3, 10.9.9.9')), 1],
  ['under the old name', service('s', '{io.cilium/lb-ipam-ips: 10.9.9.9}'), 1],
  ['in the field', service('s', '{}', ', loadBalancerIP: 10.9.9.9'), 1],
  ['of another class', service('s', ips('10.9.9.9'), ', loadBalancerClass: tailscale'), 0],
  ['of no load balancer', service('s', ips('10.9.9.9')).replace('LoadBalancer', 'ClusterIP'), 0],
  ['of a Gateway', gateway('{gatewayClassName: cilium, addresses: [{value: 10.9.9.9}]}'), 1],
  ["of another controller's Gateway", gateway('{gatewayClassName: envoy, addresses: [{value: 10.9.9.9}]}'), 0],
  [
    'by annotation of any Gateway',
    gateway(`{gatewayClassName: envoy, infrastructure: {annotations: ${ips('10.9.9.9')}}}`),
    1,
  ],
  ['among the values of a chart', release(`{values: {service: {annotations: ${ips('10.9.9.9')}}}}`), 1],
])('an address %s', (_, document, count) => {
  expect(findingsOf(addressOutsidePools, tree(ten, document))).toHaveLength(count);
});

test('the first and last address of a CIDR may be reserved', () => {
  const reserved = pool('{allowFirstLastIPs: "No", blocks: [{cidr: 10.0.0.0/28}]}');
  expect(findingsOf(addressOutsidePools, tree(reserved, service('s', ips('10.0.0.0'))))).toHaveLength(1);
  expect(findingsOf(addressOutsidePools, tree(ten, service('s', ips('10.0.0.0'))))).toEqual([]);
});

test('a pool must select the Service, as far as its labels are in Git', () => {
  const selective = (selector: string): string => pool(`{blocks: [{cidr: 10.0.0.0/28}], serviceSelector: ${selector}}`);
  const found = (selector: string): string[] =>
    findingsOf(addressOutsidePools, tree(selective(selector), service('s', ips('10.0.0.3'))));
  expect(found('{matchLabels: {pool: x}}')).toEqual([]);
  expect(found('{matchLabels: {io.kubernetes.service.namespace: a}}')).toEqual([]);
  expect(found('{matchLabels: {pool: y}}')).toEqual([
    expect.stringContaining('its pool p does not select this Service'),
  ]);
  const own = gateway('{gatewayClassName: cilium, addresses: [{value: 10.0.0.3}]}');
  const all = tree(selective('{matchLabels: {pool: y}}'), own);
  expect(findingsOf(addressOutsidePools, all)).toEqual([]);
  expect(notCheckedBy(addressOutsidePools, all)).toHaveLength(1);
});

test('IPv6 addresses are compared, too', () => {
  const both = pool('{blocks: [{cidr: 10.0.0.0/28}, {start: fd00::1, stop: fd00::9}]}');
  expect(findingsOf(addressOutsidePools, tree(both, service('s', ips('fd00::2'))))).toEqual([]);
  expect(findingsOf(addressOutsidePools, tree(both, service('s', ips('fd00::a'))))).toEqual([
    expect.stringContaining('asks for fd00::a, which is in no pool'),
  ]);
});

test('without a pool in Git it is not checked', () => {
  const all = tree('', service('s', ips('10.9.9.9')));
  expect(findingsOf(addressOutsidePools, all)).toEqual([]);
  expect(notCheckedBy(addressOutsidePools, all)).toEqual([expect.stringContaining('Git does not hold the pools')]);
});

describe('two Services with one address', () => {
  const key = ', lbipam.cilium.io/sharing-key: k';
  const tcp = ', externalTrafficPolicy: Cluster';
  const one = service('one', ips('10.0.0.3', key));
  const other = (annotations: string, spec = tcp, namespace = 'a'): string =>
    service('two', annotations, spec, namespace).replace('UDP', 'TCP');
  const found = (...documents: string[]): string[] => findingsOf(addressTakenTwice, tree(ten, ...documents));

  test.each([
    ['share it', other(ips('10.0.0.3', key)), undefined],
    ['have other addresses', other(ips('10.0.0.4')), undefined],
    ['have no key in common', other(ips('10.0.0.3')), 'no sharing key in common'],
    ['have the same port', service('two', ips('10.0.0.3', key)), 'both have port 53 UDP'],
    ['have different policies', other(ips('10.0.0.3', key), ', externalTrafficPolicy: Local'), 'externalTrafficPolicy'],
    ['are in two namespaces', other(ips('10.0.0.3', key), tcp, 'b'), 'do not permit each other'],
  ])('that %s', (_, document, expected) => {
    expect(found(one, document)).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });

  test('in namespaces that permit each other', () => {
    const all = `${key}, lbipam.cilium.io/sharing-cross-namespace: "*"`;
    expect(found(service('one', ips('10.0.0.3', all)), other(ips('10.0.0.3', all), tcp, 'b'))).toEqual([]);
  });
});
