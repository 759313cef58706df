import { referenceNotGranted, routeBackendPort } from '../../../gitops/checks/routeBackends';
import {
  hostnameOnTwoGateways,
  hostnamesMeet,
  routeHostname,
  routeListenerMissing,
  routeNotAllowed,
} from '../../../gitops/checks/routes';
import type { Tree } from '../../../gitops/tree';
import { findingsOf, handTree, idleProgram, notCheckedBy } from './handTree';

const api = 'gateway.networking.k8s.io/v1';
const document = (apiVersion: string, kind: string, name: string, spec: string, namespace = 'a'): string =>
  `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
const gateway = (listeners: string, name = 'g'): string =>
  document(api, 'Gateway', name, `{gatewayClassName: c, listeners: ${listeners}}`, 'gw');
const route = (spec: string, kind = 'HTTPRoute'): string => document(api, kind, 'r', spec);
const namespace = (labels: string, name = 'a'): string =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: ${labels}}\n`;
const tree = (...documents: string[]): Tree =>
  handTree([{ name: 'flux-system', files: { 'r.yaml': documents.join('') } }], { program: idleProgram });
const to = (more = ''): string => `parentRefs: [{name: g, namespace: gw${more}}]`;

test.each([
  ['', '', true],
  ['a.example.org', 'a.example.org', true],
  ['a.example.org', '*.example.org', true],
  ['a.b.example.org', '*.example.org', true],
  ['*.example.org', 'a.example.org', true],
  ['*.b.example.org', '*.example.org', true],
  ['example.org', '*.example.org', false],
  ['a.example.org', 'b.example.org', false],
  ['badexample.org', '*.example.org', false],
])('%s and %s meet: %s', (one, other, expected) => {
  expect([hostnamesMeet(one, other), hostnamesMeet(other, one)]).toEqual([expected, expected]);
});

test.each([
  ['', 0],
  [', sectionName: web', 0],
  [', port: 80', 0],
  [', sectionName: web, port: 443', 1],
  [', sectionName: websecure', 1],
  [', port: 8080', 1],
])('a listener by%s', (more, count) => {
  const listeners = '[{name: web, port: 80, protocol: HTTP}]';
  expect(findingsOf(routeListenerMissing, tree(gateway(listeners), route(`{${to(more)}}`)))).toHaveLength(count);
});

test('a Gateway that Git does not hold is not checked', () => {
  const release = `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: gw}\nspec: {chart: {spec: {chart: any, sourceRef: {kind: HelmRepository, name: y}}}}\n`;
  const all = tree(release, route(`{${to()}, hostnames: [a.b]}`));
  for (const rule of [routeListenerMissing, routeNotAllowed, routeHostname]) {
    expect(findingsOf(rule, all)).toEqual([]);
    expect(notCheckedBy(rule, all)).toEqual([
      expect.stringMatching(/Gateway gw\/g: Git does not|takes? a\.b: Git does/),
    ]);
  }
});

describe('allowed routes', () => {
  const listener = (allowed: string, protocol = 'HTTP'): string =>
    gateway(`[{name: l, port: 80, protocol: ${protocol}, allowedRoutes: ${allowed}}]`);
  const selector = '{namespaces: {from: Selector, selector: {matchLabels: {gw: "yes"}}}}';

  test.each([
    ['the same namespace by default', listener('{}'), '', 'takes routes only from gw'],
    ['all', listener('{namespaces: {from: All}}'), '', undefined],
    ['none', listener('{namespaces: {from: None}}'), '', 'from none'],
    ['labels that fit', listener(selector), namespace('{gw: "yes"}'), undefined],
    ['labels that do not', listener(selector), namespace('{gw: "no"}'), 'from namespaces with'],
    ['other kinds', listener('{namespaces: {from: All}, kinds: [{kind: GRPCRoute}]}'), '', 'takes no HTTPRoute'],
    ['another protocol', listener('{namespaces: {from: All}}', 'TCP'), '', 'takes no HTTPRoute'],
  ])('%s', (_, listeners, labels, expected) => {
    const found = findingsOf(routeNotAllowed, tree(listeners, labels, route(`{${to()}}`)));
    expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });

  test('labels that Git does not hold are not checked, except the name', () => {
    const all = tree(listener(selector), route(`{${to()}}`));
    expect(findingsOf(routeNotAllowed, all)).toEqual([]);
    expect(notCheckedBy(routeNotAllowed, all)).toEqual([expect.stringContaining('Git does not hold the labels')]);
    const byName = '{namespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: b}}}}';
    expect(findingsOf(routeNotAllowed, tree(listener(byName), route(`{${to()}}`)))).toHaveLength(1);
  });
});

test('each hostname of a route needs a listener of one of its Gateways', () => {
  const listeners = (hostname: string): string => `[{name: l, port: 80, protocol: HTTP, hostname: "${hostname}"}]`;
  const both = 'parentRefs: [{name: g, namespace: gw}, {name: h, namespace: gw}]';
  const all = tree(
    gateway(listeners('*.x.org')),
    gateway(listeners('*.y.org'), 'h'),
    route(`{${both}, hostnames: [a.x.org, a.y.org, a.z.org]}`),
  );
  expect(findingsOf(routeHostname, all)).toEqual([
    expect.stringContaining('has the hostname a.z.org, but Gateway gw/g and Gateway gw/h takes only *.x.org, *.y.org'),
  ]);
  // Neither name is on both.
  expect(findingsOf(hostnameOnTwoGateways, all)).toEqual([]);
  const twice = tree(
    gateway(listeners('*.x.org')),
    gateway(listeners(''), 'h'),
    route(`{${both}, hostnames: [a.x.org]}`),
  );
  expect(findingsOf(hostnameOnTwoGateways, twice)).toHaveLength(1);
});

test.each([
  ['{name: s, port: 80}', 0, 0],
  ['{name: s, port: 8080}', 1, 0],
  ['{name: s}', 1, 0],
  ['{name: cilium-gateway-g, namespace: gw, port: 1}', 0, 1],
  // Reported by reference-missing.
  ['{name: t, port: 80}', 0, 0],
])('backend %s', (ref, findings, notChecked) => {
  const all = tree(
    gateway('[]'),
    document('v1', 'Service', 's', '{ports: [{port: 80, targetPort: 8080}]}'),
    route(`{rules: [{backendRefs: [${ref}]}]}`),
  );
  expect([findingsOf(routeBackendPort, all).length, notCheckedBy(routeBackendPort, all).length]).toEqual([
    findings,
    notChecked,
  ]);
});

test('a reference to another namespace needs a grant there', () => {
  const grant = (from: string, toWhat: string): string =>
    document('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', 'x', `{from: [${from}], to: [${toWhat}]}`, 'b');
  const from = '{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: a}';
  const own = route('{rules: [{backendRefs: [{name: s, namespace: b, port: 80}]}]}');
  const found = (...grants: string[]): number => findingsOf(referenceNotGranted, tree(own, ...grants)).length;
  expect(found()).toBe(1);
  expect(found(grant(from, '{group: "", kind: Service}'))).toBe(0);
  expect(found(grant(from, '{group: "", kind: Service, name: s}'))).toBe(0);
  expect(found(grant(from, '{group: "", kind: Service, name: t}'))).toBe(1);
  expect(found(grant(from.replace('HTTPRoute', 'Gateway'), '{group: "", kind: Service}'))).toBe(1);
});
