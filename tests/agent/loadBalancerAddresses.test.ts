import { allocate, type PoolState } from '../../lab/agent/loadBalancerAddresses';
import type { ReportedObject } from '../../lab/agent/reportedObject';

const balancer = (ips?: string, has?: string): ReportedObject => ({
  metadata: { name: 's', namespace: 'n', annotations: ips === undefined ? {} : { 'lbipam.cilium.io/ips': ips } },
  spec: { type: 'LoadBalancer' },
  ...(has === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip: has }] } } }),
});
const poolState = (taken: string[] = [], disabled = false): PoolState => ({
  pools: [{ spec: { disabled, blocks: [{ start: '10.0.0.100', stop: '10.0.0.101' }, { cidr: '10.0.1.254/31' }] } }],
  taken: new Set(taken),
});
const status = (ip: string): unknown => ({ loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } });

test.each<[string, ReportedObject, PoolState, string | undefined]>([
  ['the first free address of a pool', balancer(), poolState(), '10.0.0.100'],
  ['the next one if that is taken', balancer(), poolState(['10.0.0.100']), '10.0.0.101'],
  ['one from a CIDR block', balancer(), poolState(['10.0.0.100', '10.0.0.101']), '10.0.1.254'],
  ['the one it requests', balancer('10.0.1.255'), poolState(), '10.0.1.255'],
  ['nothing if the requested one is taken', balancer('10.0.0.100'), poolState(['10.0.0.100']), undefined],
  ['nothing if the requested one is not in a pool', balancer('10.0.0.99'), poolState(), undefined],
  ['nothing while the pool is disabled', balancer(), poolState([], true), undefined],
  ['no change if it has an address', balancer(undefined, '10.0.0.101'), poolState(['10.0.0.101']), undefined],
  [
    'another one if it requests it later',
    balancer('10.0.0.100', '10.0.0.101'),
    poolState(['10.0.0.101']),
    '10.0.0.100',
  ],
])('a load balancer gets %s', (_what, service, addresses, expected) => {
  expect(allocate(service, addresses)).toEqual(expected === undefined ? undefined : status(expected));
});

test('a Service of another type gets none', () => {
  expect(allocate({ metadata: { name: 's' }, spec: { type: 'ClusterIP' } }, poolState())).toBeUndefined();
});

test('two Services of the same round get different addresses', () => {
  const both = poolState();
  expect([allocate(balancer(), both), allocate(balancer(), both)]).toEqual([
    status('10.0.0.100'),
    status('10.0.0.101'),
  ]);
});
