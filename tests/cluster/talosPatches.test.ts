import { parse } from 'yaml';
import { defineCluster } from '../../cluster/defineCluster';
import { certificateNames, clusterPatch } from '../../cluster/talos/clusterPatch';
import { controlPlanePatch } from '../../cluster/talos/controlPlanePatch';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { hostnameDocuments, nodePatch } from '../../cluster/talos/nodePatch';
import type { Node } from '../../cluster/stackSchema';
import { ethernetDocuments, volumeDocuments } from '../../cluster/talos/documents';
import { baseInput } from './fixtures';

const mixed = defineCluster(baseInput());

test('certificates contain the API name, every address and every override, each once', () => {
  expect(certificateNames(mixed)).toEqual([
    'east-k8s.example.org',
    '10.25.11.11',
    '10.25.11.12',
    '127.25.11.12',
    '10.25.11.13',
    '10.25.11.20',
  ]);
});

test('the cluster patch', () => {
  expect(clusterPatch(mixed)).toEqual({
    machine: {
      certSANs: certificateNames(mixed),
      features: {
        kubePrism: { enabled: true, port: 7445 },
        hostDNS: { enabled: true, forwardKubeDNSToHost: false },
      },
      files: [
        {
          path: '/etc/cri/conf.d/20-customization.part',
          op: 'create',
          content: '[plugins."io.containerd.cri.v1.images"]\n  discard_unpacked_layers = false\n',
        },
      ],
      kubelet: {
        clusterDNS: ['10.245.0.10'],
        nodeIP: { validSubnets: ['10.25.11.0/24'] },
        extraMounts: [
          {
            source: '/var/mnt/openebs',
            destination: '/var/mnt/openebs',
            type: 'bind',
            options: ['bind', 'rshared', 'rw'],
          },
        ],
      },
    },
    cluster: {
      network: { cni: { name: 'none' }, podSubnets: ['10.244.0.0/16'], serviceSubnets: ['10.245.0.0/16'] },
    },
  });
});

test('control planes that do not take workloads', () => {
  expect(controlPlanePatch(mixed)).toEqual({
    cluster: {
      allowSchedulingOnControlPlanes: false,
      apiServer: { certSANs: ['10.25.11.11', '10.25.11.12', '127.25.11.12', '10.25.11.13', '10.25.11.20'] },
      coreDNS: { disabled: true },
      etcd: { advertisedSubnets: ['10.25.11.0/24'] },
      proxy: { disabled: true },
    },
  });
});

test('control planes that take workloads take load balancer traffic too', () => {
  expect(controlPlanePatch({ ...mixed, allowSchedulingOnControlPlanes: true })).toMatchObject({
    machine: { nodeLabels: { 'node.kubernetes.io/exclude-from-external-load-balancers': { $patch: 'delete' } } },
    cluster: { allowSchedulingOnControlPlanes: true },
  });
});

const [first, second, , worker] = mixed.nodes as [Node, Node, Node, Node];
/** A node of the base with another description. */
const described = (set: Record<string, unknown>): Node => defineCluster(baseInput({ set })).nodes[1]!;
const linksOf = (node: Node) =>
  (nodePatch(mixed, node, 'image', 'v1.11') as { machine: { network: { interfaces?: object[] } } }).machine.network
    .interfaces;

test('the node patch', () => {
  expect(nodePatch(mixed, second, 'factory.talos.dev/metal-installer/abc:v1.11.2', 'v1.11')).toEqual({
    machine: {
      install: { image: 'factory.talos.dev/metal-installer/abc:v1.11.2', disk: '/dev/sda' },
      network: {
        hostname: 'east-02',
        nameservers: ['10.25.11.1', '9.9.9.9'],
        interfaces: [
          {
            interface: 'bond0',
            bond: {
              deviceSelectors: [{ hardwareAddr: 'f8:f2:1e:20:57:*', driver: 'i40e' }],
              mode: '802.3ad',
              xmitHashPolicy: 'layer3+4',
              lacpRate: 'fast',
              miimon: 100,
            },
            mtu: 9000,
            dhcp: false,
            addresses: ['10.25.11.12/24'],
            routes: [{ network: '0.0.0.0/0', gateway: '10.25.11.1' }],
            vlans: [{ vlanId: 2512, mtu: 1500, dhcp: false, dhcpOptions: { routeMetric: 4096 } }],
          },
        ],
      },
      time: { servers: ['time.cloudflare.com'] },
    },
  });
});

test('the node patch of a machine that says nothing but its disk', () => {
  const node = described({ 'config.machines': { installDiskSelector: { size: '>= 400GB' } } });
  expect(nodePatch(mixed, node, 'image', 'v1.11')).toEqual({
    machine: {
      install: { image: 'image', diskSelector: { size: '>= 400GB' } },
      network: { hostname: 'east-02' },
    },
  });
});

test('the node patch of a machine that says much', () => {
  const settings = {
    nodeLabels: { 'example.org/rack': 'a' },
    nodeAnnotations: { 'example.org/note': 'x y' },
    nodeTaints: { 'nvidia.com/gpu': ':NoSchedule' },
    kernelModules: [{ name: 'nbd', parameters: ['nbds_max=16'] }],
    sysctls: { 'vm.nr_hugepages': 1024 },
    certSANs: ['talos.example.org'],
  };
  const network = { searchDomains: ['example.org'] };
  const node = described({ 'config.machines': { installDisk: '/dev/vda', network, ...settings } });
  expect(nodePatch(mixed, node, 'image', 'v1.11')).toEqual({
    machine: {
      install: { image: 'image', disk: '/dev/vda' },
      network: { hostname: 'east-02', searchDomains: ['example.org'] },
      nodeLabels: settings.nodeLabels,
      nodeAnnotations: settings.nodeAnnotations,
      nodeTaints: settings.nodeTaints,
      kernel: { modules: settings.kernelModules },
      sysctls: { 'vm.nr_hugepages': '1024' },
      certSANs: settings.certSANs,
    },
  });
});

describe("the node's address", () => {
  const links = (interfaces: object, more: object = {}) =>
    linksOf(described({ 'config.machines.network': {}, 'config.nodes.1.network': { interfaces, ...more } }));

  test('is on the only link that does not ask DHCP', () => {
    expect(links({ eth0: {}, eth1: { dhcp: true } })).toEqual([
      { interface: 'eth0', addresses: ['10.25.11.12/24'] },
      { interface: 'eth1', dhcp: true },
    ]);
  });

  test('is on no link if DHCP gives it, or if it is written at one', () => {
    expect(links({ eth0: { dhcp: true } })).toEqual([{ interface: 'eth0', dhcp: true }]);
    expect(links({ eth0: { addresses: ['10.25.11.12/32'] }, eth1: {} })).toEqual([
      { interface: 'eth0', addresses: ['10.25.11.12/32'] },
      { interface: 'eth1' },
    ]);
  });

  test('is on the VLAN that the stack names, before its other addresses; a link by selector has no name', () => {
    const interfaces = {
      storage: { deviceSelector: { busPath: '0000:01:00.0' }, addresses: ['10.9.0.2/24'], ignore: false },
      bond0: {
        bond: { mode: 'active-backup', interfaces: ['eth0', 'eth1'] },
        vlans: { 7: { addresses: ['192.0.2.2/24'], vip: { ip: '192.0.2.9' } }, 8: {} },
      },
      eth0: { mtu: 9000 },
    };
    expect(links(interfaces, { nodeAddressOn: 'bond0.7' })).toEqual([
      { deviceSelector: { busPath: '0000:01:00.0' }, addresses: ['10.9.0.2/24'], ignore: false },
      {
        interface: 'bond0',
        bond: { mode: 'active-backup', interfaces: ['eth0', 'eth1'] },
        vlans: [{ vlanId: 7, addresses: ['10.25.11.12/24', '192.0.2.2/24'], vip: { ip: '192.0.2.9' } }, { vlanId: 8 }],
      },
      { interface: 'eth0', mtu: 9000 },
    ]);
  });
});

test('one document per link, and per volume', () => {
  const document = (kind: string, settings: object) => ({ apiVersion: 'v1alpha1', kind, ...settings });
  expect(ethernetDocuments(second)).toEqual([
    document('EthernetConfig', { name: 'enp1s0f0np0', rings: { rx: 8160, tx: 8160 } }),
    document('EthernetConfig', { name: 'enp1s0f1np1', rings: { rx: 8160, tx: 8160 } }),
  ]);
  const provisioning = { diskSelector: { match: 'disk.transport == "nvme"' }, minSize: '10GiB' };
  const discovery = { volumeSelector: { match: 'volume.partition_label == "DATA"' } };
  const encryption = { keys: [{ slot: 0, tpm: {} }] };
  const node = described({
    'config.machines.volumes': { EPHEMERAL: { provisioning }, STATE: { encryption } },
    'config.machines.userVolumes': { openebs: { provisioning } },
    'config.machines.rawVolumes': { database: { provisioning } },
    'config.machines.existingVolumes': { data: { discovery, mount: { readOnly: true } } },
    'config.machines.swapVolumes': { swap: { provisioning } },
  });
  expect(volumeDocuments(second)).toEqual([]);
  expect(volumeDocuments(node)).toEqual([
    document('VolumeConfig', { name: 'EPHEMERAL', provisioning }),
    document('VolumeConfig', { name: 'STATE', encryption: { provider: 'luks2', ...encryption } }),
    document('UserVolumeConfig', { name: 'openebs', provisioning }),
    document('RawVolumeConfig', { name: 'database', provisioning }),
    document('ExistingVolumeConfig', { name: 'data', discovery, mount: { readOnly: true } }),
    document('SwapVolumeConfig', { name: 'swap', provisioning }),
  ]);
});

test('the hostname is a document of its own from contract 1.12 on', () => {
  expect(hostnameDocuments(second, 'v1.11.6')).toEqual([]);
  expect(nodePatch(mixed, second, 'image', 'v1.12')).not.toHaveProperty('machine.network.hostname');
  expect(hostnameDocuments(second, 'v1.12')).toEqual([
    { apiVersion: 'v1alpha1', kind: 'HostnameConfig', auto: 'off', hostname: 'east-02' },
  ]);
});

test('patches are valid YAML in order; a worker has no role patch', () => {
  const patches = (node: Node) => machinePatches(mixed, node, 'image', 'v1.11');
  const parsed = (node: Node) => patches(node).map((text) => parse(text) as object);
  expect(parsed(first)).toEqual([
    clusterPatch(mixed),
    controlPlanePatch(mixed),
    nodePatch(mixed, first, 'image', 'v1.11'),
    ...ethernetDocuments(first),
  ]);
  expect(parsed(worker)).toEqual([
    clusterPatch(mixed),
    nodePatch(mixed, worker, 'image', 'v1.11'),
    ...ethernetDocuments(worker),
  ]);
  expect(patches(first).join()).not.toMatch(/[&*]a\d/);
});

test("the stack's patches are the last", () => {
  const patch = { machine: { env: { A: 'b' } } };
  const node = described({ 'config.machines.patches': [patch] });
  expect(parse(machinePatches(mixed, node, 'image', 'v1.11').at(-1)!)).toEqual(patch);
});

test('only kinds that Talos 1.11 supports', () => {
  const kinds = machinePatches(mixed, first, 'image', 'v1.11').map((text) => (parse(text) as { kind?: string }).kind);
  expect(new Set(kinds)).toEqual(new Set([undefined, 'EthernetConfig']));
});
