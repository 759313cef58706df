import { allocate, type PoolState } from '../../lab/agent/loadBalancerAddresses';
import type { ReportedObject } from '../../lab/agent/reportedObject';

const balancer = (ips?: string, has?: string): ReportedObject => ({
  metadata: { name: 's', namespace: 'n', annotations: ips === undefined ? {} : { 'lbipam.cilium.io/ips': ips } },
  spec: { type: 'LoadBalancer' },
  ...(has === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip: has }] } } }),
});
const world = (taken: string[] = [], disabled = false): PoolState => ({
  pools: [{ spec: { disabled, blocks: [{ start: '10.0.0.100', stop: '10.0.0.101' }, { cidr: '10.0.1.254/31' }] } }],
  taken: new Set(taken),
});
const given = (ip: string): unknown => ({ loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } });

test.each<[string, ReportedObject, PoolState, string | undefined]>([
  ['the first free address of a pool', balancer(), world(), '10.0.0.100'],
  ['the next one when that is taken', balancer(), world(['10.0.0.100']), '10.0.0.101'],
  ['one of a CIDR block', balancer(), world(['10.0.0.100', '10.0.0.101']), '10.0.1.254'],
  ['the one it asks for', balancer('10.0.1.255'), world(), '10.0.1.255'],
  ['nothing when what it asks for is taken', balancer('10.0.0.100'), world(['10.0.0.100']), undefined],
  ['nothing when no pool has what it asks for', balancer('10.0.0.99'), world(), undefined],
  ['nothing while the pool is disabled', balancer(), world([], true), undefined],
  ['nothing more when it has an address', balancer(undefined, '10.0.0.101'), world(['10.0.0.101']), undefined],
  ['another one when it now asks for it', balancer('10.0.0.100', '10.0.0.101'), world(['10.0.0.101']), '10.0.0.100'],
])('a load balancer gets %s', (_what, service, addresses, expected) => {
  expect(allocate(service, addresses)).toEqual(expected === undefined ? undefined : given(expected));
});

test('a Service of another type gets none', () => {
  expect(allocate({ metadata: { name: 's' }, spec: { type: 'ClusterIP' } }, world())).toBeUndefined();
});

test('two Services of one round do not get the same address', () => {
  const both = world();
  expect([allocate(balancer(), both), allocate(balancer(), both)]).toEqual([given('10.0.0.100'), given('10.0.0.101')]);
});
