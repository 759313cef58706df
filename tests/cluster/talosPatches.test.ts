import { parse } from 'yaml';
import type { ClusterDefinition } from '../../cluster/definition';
import { defineCluster } from '../../cluster/defineCluster';
import { certificateNames, clusterPatch } from '../../cluster/talos/clusterPatch';
import { controlPlanePatch } from '../../cluster/talos/controlPlanePatch';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { ethernetDocuments, hostnameDocuments, nodePatch } from '../../cluster/talos/nodePatch';
import { baseInput } from './fixtures';

const mixed = defineCluster(baseInput());

function withoutWorkers(definition: ClusterDefinition): ClusterDefinition {
  return { ...definition, nodes: definition.nodes.filter((node) => node.role === 'controlplane') };
}

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
  expect(clusterPatch(mixed, 'factory.talos.dev/metal-installer/abc:v1.11.2')).toEqual({
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
      install: { image: 'factory.talos.dev/metal-installer/abc:v1.11.2', disk: '/dev/sda' },
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
      network: { nameservers: ['10.25.11.1', '9.9.9.9'] },
      time: { servers: ['time.cloudflare.com'] },
    },
    cluster: {
      network: { cni: { name: 'none' }, podSubnets: ['10.244.0.0/16'], serviceSubnets: ['10.245.0.0/16'] },
    },
  });
});

test('an install disk selector', () => {
  const image = { ...mixed.image, installDisk: undefined, installDiskSelector: { size: '>= 400GB' } };
  expect(clusterPatch({ ...mixed, image }, 'image')).toMatchObject({
    machine: { install: { image: 'image', diskSelector: { size: '>= 400GB' } } },
  });
});

test('with workers, control planes do not schedule workloads', () => {
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

test('without workers, control planes schedule workloads and take load balancer traffic', () => {
  expect(controlPlanePatch(withoutWorkers(mixed))).toMatchObject({
    machine: { nodeLabels: { 'node.kubernetes.io/exclude-from-external-load-balancers': { $patch: 'delete' } } },
    cluster: { allowSchedulingOnControlPlanes: true },
  });
});

test('the node patch', () => {
  expect(nodePatch(mixed, mixed.nodes[1]!)).toEqual({
    machine: {
      network: {
        hostname: 'east-02',
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
    },
  });
});

test('one document per link', () => {
  expect(ethernetDocuments(mixed)).toEqual([
    { apiVersion: 'v1alpha1', kind: 'EthernetConfig', name: 'enp1s0f0np0', rings: { rx: 8160, tx: 8160 } },
    { apiVersion: 'v1alpha1', kind: 'EthernetConfig', name: 'enp1s0f1np1', rings: { rx: 8160, tx: 8160 } },
  ]);
});

test('a bond without LACP, and links with channels and features', () => {
  const bond = { interface: 'bond0', deviceSelectors: [{ physical: true as const }], mode: 'active-backup' as const };
  const links = [{ name: 'enp1s0', channels: { combined: 8 }, features: { 'rx-gro': true } }];
  const changed = { ...mixed, network: { ...mixed.network, bond: { ...bond, miimon: 100 }, ethernet: links } };
  const { interface: name, ...options } = bond;
  expect(nodePatch(changed, mixed.nodes[1]!)).toMatchObject({
    machine: { network: { interfaces: [{ interface: name, bond: { ...options, miimon: 100 } }] } },
  });
  expect(ethernetDocuments(changed)).toEqual([{ apiVersion: 'v1alpha1', kind: 'EthernetConfig', ...links[0] }]);
});

test('the hostname is a document of its own from Talos 1.12 on', () => {
  const node = mixed.nodes[1]!;
  const newer = { ...mixed, versions: { ...mixed.versions, talos: 'v1.12.6' } };
  expect(hostnameDocuments(mixed, node)).toEqual([]);
  expect(nodePatch(newer, node)).not.toHaveProperty('machine.network.hostname');
  expect(hostnameDocuments(newer, node)).toEqual([
    { apiVersion: 'v1alpha1', kind: 'HostnameConfig', auto: 'off', hostname: 'east-02' },
  ]);
});

test('patches are valid YAML in order; a worker has no role patch', () => {
  const parsed = (index: number) =>
    machinePatches(mixed, mixed.nodes[index]!, 'image').map((text) => parse(text) as object);
  expect(parsed(0)).toEqual([
    clusterPatch(mixed, 'image'),
    controlPlanePatch(mixed),
    nodePatch(mixed, mixed.nodes[0]!),
    ...ethernetDocuments(mixed),
  ]);
  expect(parsed(3)).toEqual([
    clusterPatch(mixed, 'image'),
    nodePatch(mixed, mixed.nodes[3]!),
    ...ethernetDocuments(mixed),
  ]);
  expect(machinePatches(mixed, mixed.nodes[0]!, 'image').join()).not.toMatch(/[&*]a\d/);
});

test('only kinds that Talos 1.11 supports', () => {
  const kinds = machinePatches(mixed, mixed.nodes[0]!, 'image').map((text) => (parse(text) as { kind?: string }).kind);
  expect(new Set(kinds)).toEqual(new Set([undefined, 'EthernetConfig']));
});
