import { evaluateLoadBalancer, evaluateVirtualIp } from '../../../cli/preflight/network/evaluateApiEndpoint';
import { combineAnswers, evaluateApiName } from '../../../cli/preflight/network/evaluateDns';
import type { DnsResponse } from '../../../cli/preflight/network/dnsQuery';
import { defineCluster } from '../../../cluster/defineCluster';
import { baseInput } from '../../cluster/fixtures';

const stranger = 'a machine that is not of this cluster has it';
const silent = { state: 'unreachable', why: 'no connection within 5 s' } as const;

test.each([
  ['free', silent, 'no connection within 5 s', false, 'ok', 'free: nothing answers'],
  ['held by the cluster', { state: 'configured' }, undefined, true, 'ok', 'a control plane of this cluster has it'],
  ['not held', silent, 'no connection within 5 s', true, 'warning', 'no control plane has it'],
  ['of a machine without Talos', { ...silent, why: 'ECONNREFUSED' }, 'ECONNREFUSED', false, 'failed', stranger],
  ['of another API server', silent, undefined, false, 'failed', stranger],
  ['of another cluster', { state: 'foreign', stackHasIdentity: true }, undefined, false, 'failed', stranger],
] as const)('a virtual IP that is %s', (_, machine, apiError, hasCluster, state, why) => {
  expect(evaluateVirtualIp('10.25.11.50', machine, apiError, hasCluster)).toMatchObject({
    id: 'virtual-ip:10.25.11.50',
    state,
    why,
  });
});

test.each([
  ['ready', undefined, false, 'ok', 'accepts connections'],
  [
    'silent before there is a cluster',
    'ECONNREFUSED',
    false,
    'warning',
    'ECONNREFUSED; there is no cluster yet that it could forward to',
  ],
  ['silent with a cluster behind it', 'ECONNREFUSED', true, 'failed', 'ECONNREFUSED'],
] as const)('a load balancer that is %s', (_, error, hasCluster, state, why) => {
  expect(evaluateLoadBalancer({ apiHost: 'fd00::1', apiPort: 443 }, error, hasCluster)).toMatchObject({
    what: 'load balancer [fd00::1]:443',
    state,
    why,
  });
});

describe('the name of the API', () => {
  const vip = { network: { interfaces: { bond0: { vip: { ip: '10.25.11.50' } } } } };
  const definition = defineCluster(baseInput({ set: { 'config.controlPlane': vip } }));
  const response = (...answers: string[]): DnsResponse => ({
    code: 'NOERROR',
    authoritative: true,
    answers: answers.map((data) => ({ type: data.includes(':') ? 'AAAA' : 'A', name: 'x', data }) as never),
  });

  test('may be that of the virtual IP, but not of it and a machine', () => {
    expect(evaluateApiName(definition, 's', response('10.25.11.50'))).toMatchObject({
      state: 'ok',
      why: '10.25.11.50, a virtual IP',
    });
    expect(evaluateApiName(definition, 's', response('10.25.11.11', '10.25.11.12', '10.25.11.13')).state).toBe('ok');
    expect(evaluateApiName(definition, 's', response('10.25.11.50', '10.25.11.11'))).toMatchObject({
      state: 'failed',
      fix:
        'create one address record of east-k8s.example.org for each of 10.25.11.11, 10.25.11.12, 10.25.11.13, ' +
        'or of 10.25.11.50, their virtual IP',
    });
  });

  test('has the answers of both families, in one spelling', () => {
    const all = combineAnswers([response('10.25.11.11'), response('FD00:0::11')]);
    expect('answers' in all && all.answers.length).toBe(2);
    expect(combineAnswers([response(), { noResponse: 'no' }])).toEqual({ noResponse: 'no' });
  });
});
