import { evaluateGateway, evaluateLoadBalancer, type Gateway, type Service } from '../../../../cli/drift/edge/gateways';

const labels = {
  'kustomize.toolkit.fluxcd.io/name': 'gateways',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
};
const programmed = { type: 'Programmed', status: 'True' };
const gateway = (status: Gateway['status']): Gateway => ({
  metadata: { name: 'public', namespace: 'networking', labels },
  spec: { addresses: [{ value: '192.0.2.10' }] },
  status,
});
const balancer = (given: Partial<Service['metadata']>, ips: string[], more: Partial<Service> = {}): Service => ({
  metadata: { name: 'dns', namespace: 'web', ...given },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  ...more,
});
const todo = 'free the address, or give the pool one: kubectl get ciliumloadbalancerippools';

describe('a Gateway', () => {
  const own = balancer(
    { name: 'cilium-gateway-public', namespace: 'networking', ownerReferences: [{ kind: 'Gateway', name: 'public' }] },
    [],
  );
  const base = {
    ...{ id: 'gateway', layer: 'edge', owner: 'Cilium', object: 'Gateway networking/public' },
    explains: ['Kustomization flux-system/gateways', 'Service networking/cilium-gateway-public'],
  };

  test('that is programmed with its addresses reports nothing', () => {
    const addresses = [{ value: '192.0.2.10' }, { value: '192.0.2.11' }];
    expect(evaluateGateway(gateway({ conditions: [programmed], addresses }), [own])).toEqual([]);
  });

  test('that is not programmed', () => {
    const conditions = [{ ...programmed, status: 'False', message: 'no listener', lastTransitionTime: 'then' }];
    const fix = 'correct what it says; its listeners, certificates and addresses are in Git';
    expect(evaluateGateway(gateway({ conditions }), [own])).toEqual([
      { ...base, why: 'no listener', since: 'then', todo: fix },
    ]);
    expect(evaluateGateway(gateway(undefined), [own])).toEqual([
      { ...base, why: 'no controller has reported on it', todo: fix },
    ]);
  });

  test('with another address', () => {
    const address = { field: 'status.addresses', wanted: '192.0.2.10' };
    expect(evaluateGateway(gateway({ conditions: [programmed], addresses: [{ value: '192.0.2.99' }] }), [own])).toEqual(
      [{ ...base, ...address, found: '192.0.2.99', todo }],
    );
    expect(evaluateGateway(gateway({ conditions: [programmed] }), [own])).toEqual([{ ...base, ...address, todo }]);
  });
});

describe('a Service of type LoadBalancer', () => {
  const base = { id: 'load-balancer', layer: 'edge', owner: 'Cilium', object: 'Service web/dns', explains: [], todo };
  const asking = { annotations: { 'lbipam.cilium.io/ips': '192.0.2.10, 2001:db8::10' } };
  const field = 'status.loadBalancer.ingress';

  test('with an address, and the one that it asks for, reports nothing', () => {
    expect(evaluateLoadBalancer(balancer({}, ['192.0.2.1']))).toEqual([]);
    expect(evaluateLoadBalancer(balancer(asking, ['192.0.2.10', '2001:db8::10']))).toEqual([]);
    expect(evaluateLoadBalancer(balancer(asking, [], { spec: { type: 'ClusterIP' } }))).toEqual([]);
  });

  test('without one', () => {
    expect(evaluateLoadBalancer(balancer({}, []))).toEqual([{ ...base, field, wanted: 'an address' }]);
    const asked = { field, wanted: '192.0.2.10, 2001:db8::10' };
    expect(evaluateLoadBalancer(balancer(asking, ['192.0.2.10']))).toEqual([
      { ...base, ...asked, found: '192.0.2.10' },
    ]);
    const conditions = [{ type: 'cilium.io/IPAMRequestSatisfied', status: 'False', message: 'already allocated' }];
    expect(evaluateLoadBalancer(balancer(asking, [], { status: { conditions } }))).toEqual([
      { ...base, ...asked, why: 'already allocated' },
    ]);
  });
});
