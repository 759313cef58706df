import { apiEndpointOf, sharedVirtualIps } from '../../cluster/apiEndpoint';
import { defineCluster } from '../../cluster/defineCluster';
import { certificateNames } from '../../cluster/talos/clusterPatch';
import { baseInput } from './fixtures';

const vip = { network: { interfaces: { bond0: { vip: { ip: '10.25.11.50' } } } } };
const onVlan = { network: { interfaces: { bond0: { vlans: { 2512: { vip: { ip: '10.25.12.50' } } } } } } };
const single = {
  'config.nodes': [{ name: 'east-01', role: 'controlplane', address: '10.25.11.11' }],
  'config.dialOverrides': {},
  'settings.ROOK_CEPH_MON_COUNT': '1',
};

test.each([
  ['a DNS name', {}, { kind: 'name', virtualIps: [] }],
  ['a DNS name next to a virtual IP', { 'config.controlPlane': vip }, { kind: 'name', virtualIps: ['10.25.11.50'] }],
  ['a virtual IP', { 'config.controlPlane': vip, 'settings.K8S_API_HOST': '10.25.11.50' }, { kind: 'virtualIp' }],
  [
    'a virtual IP of a VLAN',
    { 'config.controlPlane': onVlan, 'settings.K8S_API_HOST': '10.25.12.50' },
    { kind: 'virtualIp' },
  ],
  ['the only control plane', { ...single, 'settings.K8S_API_HOST': '10.25.11.11' }, { kind: 'node' }],
  [
    'a load balancer',
    { 'config.apiEndpoint': 'loadBalancer', 'settings.K8S_API_HOST': '10.99.0.1', 'settings.K8S_API_PORT': '443' },
    { kind: 'loadBalancer' },
  ],
])('%s serves the API', (_, set, expected) => {
  expect(apiEndpointOf(defineCluster(baseInput({ set })))).toEqual(expected);
});

test('an address that no machine described has serves nothing', () => {
  const { nodes } = defineCluster(baseInput());
  expect(apiEndpointOf({ apiHost: '10.25.11.50', nodes })).toBeUndefined();
});

test('a virtual IP is one of all control planes, and in every certificate', () => {
  const definition = defineCluster(baseInput({ set: { 'config.controlPlane': vip } }));
  expect(sharedVirtualIps(definition.nodes)).toEqual(['10.25.11.50']);
  expect(certificateNames(definition).slice(0, 3)).toEqual(['east-k8s.example.org', '10.25.11.50', '10.25.11.11']);
  expect(sharedVirtualIps(defineCluster(baseInput({ set: { 'config.nodes.0.network': vip.network } })).nodes)).toEqual(
    [],
  );
});
