import { controlPlanes, firstControlPlane, nodeDialAddress, workers } from '../../cluster/definition';
import { defineCluster } from '../../cluster/defineCluster';
import { show } from '../../cluster/problems';
import { parseSettings } from '../../cluster/settings';
import { baseInput, settingsSource } from './fixtures';

test('a definition combines the stack configuration and the settings', () => {
  const { nodes, network, image, ...rest } = defineCluster(baseInput());
  expect(rest).toEqual({
    name: 'east',
    id: 1,
    applyMode: 'auto',
    timeouts: { etcd: 1200, crds: 600, handover: 1200 },
    cidrs: {
      node: '10.25.11.0/24',
      pod: '10.244.0.0/16',
      service: '10.245.0.0/16',
      nativeRouting: '10.244.0.0/14',
    },
    apiHost: 'east-k8s.example.org',
    clusterDns: '10.245.0.10',
    versions: { talos: 'v1.11.2', kubernetes: 'v1.34.1' },
    connect: { host: 'https://connect.example.org', vault: 'k8s-gitops', tokenSecret: 'onepassword-connect-token' },
    domain: 'example.org',
    cloudflare: { account: 'Example', ownsZone: true },
    tsigItem: 'kubernetes/east/external-dns-rfc2136',
    rotations: {},
    dialOverrides: { '10.25.11.12': '127.25.11.12' },
    openebsBasePath: '/var/mnt/openebs',
    git: { url: 'https://git.example.org/platform/k8s-gitops.git', branch: 'main' },
  });
  expect([nodes.length, network.gateway, image.installDisk]).toEqual([4, '10.25.11.1', '/dev/sda']);
});

test('the invalid settings of another cluster are not reported here', () => {
  expect(defineCluster(baseInput({ set: { 'west.settings': {} } })).name).toBe('east');
});

test('an install disk can be selected by its properties', () => {
  const { image } = defineCluster(
    baseInput({ remove: ['config.image.installDisk'], set: { 'config.image.installDiskSelector': { type: 'nvme' } } }),
  );
  expect(image.installDiskSelector).toEqual({ type: 'nvme' });
});

test('a pool outside the subnet needs no L2 announcements', () => {
  const set = {
    'settings.CILIUM_L2_ANNOUNCEMENTS': 'false',
    'settings.CILIUM_LB_POOL_START': '10.99.0.1',
    'settings.CILIUM_LB_POOL_END': '10.99.0.9',
    'settings.CLUSTERMESH_IP': '10.99.0.1',
    'settings.CILIUM_GATEWAY_LB_IP': '10.99.0.2',
    'settings.CILIUM_GATEWAY_EXTERNAL_LB_IP': '10.99.0.3',
  };
  expect(defineCluster(baseInput({ set })).id).toBe(1);
});

test('nodes by role, and the addresses to dial', () => {
  const definition = defineCluster(baseInput());
  expect(controlPlanes(definition).map((node) => nodeDialAddress(definition, node))).toEqual([
    '10.25.11.11',
    '127.25.11.12',
    '10.25.11.13',
  ]);
  expect(workers(definition).map((node) => node.name)).toEqual(['east-04']);
  expect(firstControlPlane(definition).name).toBe('east-01');
  expect(() => firstControlPlane({ nodes: [] })).toThrow(
    'a cluster definition without a control plane passed its checks',
  );
});

test('settings carry the place where they are defined', () => {
  const source = settingsSource('east', { CLUSTER: 'east' });
  const { settings, problems } = parseSettings(source);
  const place = 'kubernetes/clusters/east/cluster-settings.yaml:1 CLUSTER';
  expect(settings).toEqual({ name: { value: 'east', label: 'CLUSTER', place } });
  expect(problems).toHaveLength(25);
  expect(problems[0]?.where).toBe('kubernetes/clusters/east/cluster-settings.yaml CLUSTER_ID');
});

test.each([
  ['65535', undefined],
  ['0', undefined],
  ['01', undefined],
  ['1e3', undefined],
  ['4294967294', 4294967294],
])('AS number %s is parsed as %s', (text, expected) => {
  expect(parseSettings(settingsSource('east', { CILIUM_BGP_LOCAL_ASN: text })).settings.bgpLocalAsn?.value).toBe(
    expected,
  );
});

test('values in messages are shortened', () => {
  expect(show(undefined)).toBe('nothing');
  expect(show('x'.repeat(100))).toHaveLength(80);
});
