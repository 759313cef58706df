import { controlPlanes, firstControlPlane, nodeDialAddress, workers } from '../../cluster/definition';
import { defineCluster } from '../../cluster/defineCluster';
import { generatedFields } from '../../cluster/generatedFields';
import { show } from '../../cluster/problems';
import { parseSettings } from '../../cluster/settings';
import { settingTypes } from '../../cluster/settingTypes';
import { clusterPatch } from '../../cluster/talos/clusterPatch';
import { baseInput, listedSystems, settingsSource } from './fixtures';

test('a definition combines the stack configuration and the settings', () => {
  const { nodes, ...rest } = defineCluster(baseInput());
  expect(rest).toEqual({
    name: 'east',
    id: 1,
    schematics: {
      default: { kernelArgs: ['mitigations=off'], extensions: ['siderolabs/iscsi-tools'], meta: [] },
    },
    imageFactory: { url: 'https://factory.talos.dev', installerRegistry: 'factory.talos.dev' },
    allowSchedulingOnControlPlanes: false,
    rollout: {
      workersAtOnce: 1,
      drain: { enabled: true, timeoutSeconds: 600 },
      gateTimeoutSeconds: 1200,
      healthChecks: [],
    },
    applyMode: 'auto',
    timeouts: { etcd: 1200, crds: 600, handover: 1200 },
    cidrs: {
      node: ['10.25.11.0/24'],
      pod: ['10.244.0.0/16'],
      service: ['10.245.0.0/16'],
      nativeRouting: '10.244.0.0/14',
    },
    apiHost: 'east-k8s.example.org',
    apiPort: 6443,
    clusterDns: '10.245.0.10',
    versions: { talos: 'v1.11.2', kubernetes: 'v1.34.1' },
    connect: { host: 'https://connect.example.org', vault: 'k8s-gitops', tokenSecret: 'onepassword-connect-token' },
    platform: 'k8s-gitops',
    domain: 'example.org',
    cloudflare: { account: 'Example', ownsZone: true },
    tsigItem: 'kubernetes/east/external-dns-rfc2136',
    generated: ['webhookToken', 'backupPassword', 'tsigSecret'],
    authorities: [],
    writersOfOthers: [],
    rotations: {},
    dialOverrides: { '10.25.11.12': '127.25.11.12' },
    openebsBasePath: '/var/mnt/openebs',
    git: { url: 'https://git.example.org/platform/k8s-gitops.git', branch: 'main' },
  });
  expect(nodes.map(({ name, role, installDisk }) => [name, role, installDisk])).toEqual([
    ['east-01', 'controlplane', '/dev/sda'],
    ['east-02', 'controlplane', '/dev/sda'],
    ['east-03', 'controlplane', '/dev/sda'],
    ['east-04', 'worker', '/dev/sda'],
  ]);
});

test('the invalid settings of another cluster are not reported here', () => {
  expect(defineCluster(baseInput({ set: { 'west.settings': {} } })).name).toBe('east');
});

test('an install disk can be selected by its properties, on one node only', () => {
  const { nodes } = defineCluster(
    baseInput({ set: { 'config.nodes.1.installDisk': null, 'config.nodes.1.installDiskSelector': { type: 'nvme' } } }),
  );
  expect(nodes.map(({ installDisk, installDiskSelector }) => installDisk ?? installDiskSelector)).toEqual([
    '/dev/sda',
    { type: 'nvme' },
    '/dev/sda',
    '/dev/sda',
  ]);
});

test('the levels of a machine are merged: all, role, node', () => {
  const set = {
    'config.machines.sysctls': { 'vm.a': '1', 'vm.b': 2, 'vm.c': '3' },
    'config.machines.patches': [{ machine: { env: { A: 'all' } } }],
    'config.controlPlane': { sysctls: { 'vm.b': '20' }, patches: [{ machine: { env: { A: 'role' } } }] },
    'config.nodes.0.sysctls': { 'vm.c': null },
    'config.nodes.0.network': { nameservers: ['9.9.9.9'], interfaces: { bond0: { mtu: 1500 } } },
  };
  const [first, second, , worker] = defineCluster(baseInput({ set })).nodes;
  expect([first, second, worker].map((node) => node?.sysctls)).toEqual([
    { 'vm.a': '1', 'vm.b': '20' },
    { 'vm.a': '1', 'vm.b': '20', 'vm.c': '3' },
    { 'vm.a': '1', 'vm.b': '2', 'vm.c': '3' },
  ]);
  expect(first?.patches).toEqual([{ machine: { env: { A: 'all' } } }, { machine: { env: { A: 'role' } } }]);
  expect(worker?.patches).toEqual([{ machine: { env: { A: 'all' } } }]);
  expect(first?.network.nameservers).toEqual(['9.9.9.9']);
  expect(first?.network.interfaces.bond0).toMatchObject({ mtu: 1500, bond: { mode: '802.3ad', miimon: 100 } });
});

test('a pool outside the subnet needs no L2 announcements', () => {
  const set = {
    'settings.CILIUM_LB_POOL_START': '10.99.0.1',
    'settings.CILIUM_LB_POOL_END': '10.99.0.9',
    'settings.CLUSTERMESH_IP': '10.99.0.1',
    'settings.CILIUM_GATEWAY_LB_IP': '10.99.0.2',
    'settings.CILIUM_GATEWAY_EXTERNAL_LB_IP': '10.99.0.3',
  };
  expect(defineCluster(baseInput({ set, remove: ['systems.cilium-l2'] })).id).toBe(1);
});

test('pods of a cluster outside the mesh need no native routing', () => {
  const set = { 'settings.NATIVE_ROUTING_CIDR': '10.244.0.0/15', 'west.settings.CLUSTERMESH_ENABLED': 'false' };
  expect(defineCluster(baseInput({ set })).cidrs.nativeRouting).toBe('10.244.0.0/15');
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
  expect(problems).toHaveLength(14);
  expect(problems[0]?.where).toBe('kubernetes/clusters/east/cluster-settings.yaml CLUSTER_ID');
});

test.each([
  ['65535', undefined],
  ['0', undefined],
  ['01', undefined],
  ['1e3', undefined],
  ['4294967294', 4294967294],
])('AS number %s is parsed as %s', (text, expected) => {
  expect(settingTypes.CILIUM_BGP_LOCAL_ASN.read(text)).toBe(expected);
});

test('values in messages are shortened', () => {
  expect(show(undefined)).toBe('nothing');
  expect(show('x'.repeat(100))).toHaveLength(80);
});

test('patches follow each other by level; a file may have several documents', () => {
  const document = { apiVersion: 'v1alpha1', kind: 'WatchdogTimerConfig', device: '/dev/watchdog0' };
  const patch = (value: string) => ({ machine: { env: { A: value } } });
  const set = {
    'config.nodes.0.patches': [patch('node')],
    'config.controlPlane': { patches: ['./role.yaml'] },
    'config.machines.patches': [patch('all')],
  };
  const files = { './role.yaml': `${JSON.stringify(patch('role'))}\n---\n${JSON.stringify(document)}\n---\n` };
  const [first, , , worker] = defineCluster(baseInput({ set, files })).nodes;
  expect(first?.patches).toEqual([patch('all'), patch('role'), document, patch('node')]);
  expect(worker?.patches).toEqual([patch('all')]);
});

test('an even number of control planes while one leaves', () => {
  const four = { 'config.nodes.3.role': 'controlplane', 'config.nodes.0.leaving': true };
  const definition = defineCluster(baseInput({ set: four }));
  expect(controlPlanes(definition)).toHaveLength(4);
  expect(firstControlPlane(definition).name).toBe('east-02');
});

/** Everything that only optional systems need. */
const optional = [
  'CILIUM_LB_POOL_START',
  'CILIUM_LB_POOL_END',
  'CLUSTERMESH_IP',
  'CLUSTERMESH_ENABLED',
  'CLUSTERMESH_PEERS',
  'CILIUM_SPIRE_ENABLED',
  'CILIUM_GATEWAY_LB_IP',
  'CILIUM_GATEWAY_EXTERNAL_LB_IP',
  'CILIUM_BGP_LOCAL_ASN',
  'CILIUM_BGP_PEER_ASN',
  'CILIUM_BGP_PEER_ADDRESS',
  'SECRET_DOMAIN',
  'PRIVATE_DOMAIN',
  'FLUX_COMPONENTS',
  'OIDC_ISSUER_URL',
  'OIDC_GROUP_PREFIX',
  'ACME_EMAIL',
  'BIND_HOST',
  'BIND_TSIG_SECRET_PATH',
  'OPENEBS_BASEPATH',
  'ROOK_CEPH_DEVICE_FILTER',
].map((key) => `settings.${key}`);
const cloudflare = ['config.cloudflare', 'config.cloudflareApiToken'];

test('a cluster that lists nothing optional needs none of its settings, and has none of it', () => {
  const definition = defineCluster(baseInput({ set: { systems: {} }, remove: [...optional, ...cloudflare] }));
  const { domain, tsigItem, openebsBasePath, cloudflare: section, generated } = definition;
  expect({ domain, tsigItem, openebsBasePath, section, generated }).toEqual({ generated: [] });
  expect(JSON.stringify(clusterPatch(definition))).not.toContain('extraMounts');
});

test('what a folder that cannot be built demands is not known: nothing is refused as unused, and every secret is made', () => {
  const input = baseInput({ set: { systems: {}, 'settings.CLUSTERMESH_ENABLED': 'false' } });
  const systems = { ...input.systems!, unknown: ['cloudflared'] };
  const { cloudflare: section, generated } = defineCluster({ ...input, systems });
  expect(section?.account).toBe('Example');
  expect(generated).toEqual(generatedFields);
});

describe('what clusters send to the one that stores', () => {
  const withFields = (...fields: string[]) => {
    const base = baseInput({ set: { 'settings.CLUSTERMESH_ENABLED': 'false' }, remove: cloudflare });
    return defineCluster({ ...base, systems: listedSystems({ metrics: { fields } }) });
  };

  test('a cluster has the passwords that its own systems read', () => {
    const { generated, authorities, writersOfOthers } = withFields(
      'kubernetes/east/observability metrics-writer-password',
      'kubernetes/shared/observability-ca ca.crt',
      'kubernetes/east/observability-store reader-password',
    );
    expect(generated).toEqual(['metricsWriter', 'storeReader']);
    expect(authorities).toEqual(['observabilityCa']);
    expect(writersOfOthers).toEqual([]);
  });

  test('the cluster that stores makes those of the others, too', () => {
    const { authorities, writersOfOthers } = withFields(
      'kubernetes/west/observability metrics-writer-password',
      'kubernetes/west/observability alerts-writer-password',
      'kubernetes/west/observability else',
      'kubernetes/west/flux webhook-token',
    );
    const west = { title: 'kubernetes/west/observability', category: 'service-account-key' };
    expect(authorities).toEqual([]);
    expect(writersOfOthers).toEqual([
      { ...west, field: 'metrics-writer-password' },
      { ...west, field: 'alerts-writer-password' },
    ]);
  });

  test('a cluster has the CA and the passwords of the databases that its own systems read', () => {
    const { generated, authorities } = withFields(
      'kubernetes/shared/postgres harbor-password',
      'kubernetes/shared/dragonfly password',
      'kubernetes/shared/services-ca ca.crt',
    );
    expect(generated).toEqual(['harborDatabase', 'dragonflyPassword']);
    expect(authorities).toEqual(['servicesCa']);
  });
});

test('a cluster whose entry point cannot be read is checked without it', () => {
  const { systems: _, ...input } = baseInput({ remove: ['settings.OPENEBS_BASEPATH'] });
  expect(defineCluster(input).generated).toEqual([]);
});

test('names in the Cloudflare account start with the name of the project, or with what the stack says', () => {
  expect(defineCluster({ ...baseInput(), project: 'acme' }).platform).toBe('acme');
  expect(defineCluster(baseInput({ set: { 'config.platform': 'acme-two' } })).platform).toBe('acme-two');
});
