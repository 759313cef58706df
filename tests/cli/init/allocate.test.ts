import { allocate } from '../../../cli/init/allocate';
import type { ClusterAnswers } from '../../../cli/init/answers';

const cluster = (name: string, more: object = {}, network: object = {}): ClusterAnswers =>
  ({ name, network: { nodes: '192.168.1.0/24', ...network }, ...more }) as ClusterAnswers;

test('gives every cluster an id and ranges that nothing else uses', () => {
  expect([...allocate([cluster('a'), cluster('b')], new Map())]).toEqual([
    ['a', { id: 1, pods: '10.240.0.0/16', services: '10.241.0.0/16', nativeRouting: '10.240.0.0/12' }],
    ['b', { id: 2, pods: '10.242.0.0/16', services: '10.243.0.0/16', nativeRouting: '10.240.0.0/12' }],
  ]);
});

test('avoids machines, pools, and clusters that are not answered', () => {
  const existing = new Map([
    ['other', { CLUSTER_ID: '1', NODE_CIDR: '10.9.0.0/16', POD_CIDR: '10.244.0.0/16', SERVICE_CIDR: '10.245.0.0/16' }],
  ]);
  const answers = [
    cluster('a', { loadBalancer: { from: '10.242.0.5', to: '10.242.0.9' } }, { nodes: '10.241.3.0/24' }),
  ];
  expect(allocate(answers, existing).get('a')).toEqual({
    id: 2,
    pods: '10.246.0.0/16',
    services: '10.247.0.0/16',
    nativeRouting: '10.240.0.0/12',
  });
});

test('keeps what is answered, and what a cluster has; routes all of it', () => {
  const existing = new Map([
    [
      'a',
      { CLUSTER_ID: '7', POD_CIDR: '10.42.0.0/16', SERVICE_CIDR: '10.43.0.0/16', NATIVE_ROUTING_CIDR: '10.42.0.0/15' },
    ],
  ]);
  expect([...allocate([cluster('a')], existing)]).toEqual([
    ['a', { id: 7, pods: '10.42.0.0/16', services: '10.43.0.0/16', nativeRouting: '10.42.0.0/15' }],
  ]);
  const second = cluster('b', {}, { pods: '10.44.0.0/16', services: '10.45.0.0/16' });
  expect([...allocate([cluster('a'), second], existing)]).toEqual([
    ['a', { id: 7, pods: '10.42.0.0/16', services: '10.43.0.0/16', nativeRouting: '10.40.0.0/13' }],
    ['b', { id: 1, pods: '10.44.0.0/16', services: '10.45.0.0/16', nativeRouting: '10.40.0.0/13' }],
  ]);
});

test('leaves a routed range alone that is wide enough', () => {
  const a = {
    CLUSTER_ID: '1',
    POD_CIDR: '10.42.0.0/16',
    SERVICE_CIDR: '10.43.0.0/16',
    NATIVE_ROUTING_CIDR: '10.0.0.0/8',
  };
  expect(allocate([cluster('a')], new Map([['a', a]])).get('a')?.nativeRouting).toBe('10.0.0.0/8');
});

test('says if no range is free', () => {
  expect(() => allocate([cluster('a', {}, { nodes: '0.0.0.0/0' })], new Map())).toThrow(
    'no private range is free for pods and Services; answer network.pods and network.services',
  );
});
