import { askMissing, askSite } from '../../../cli/init/ask';
import { describeMachine, type Inspect } from '../../../cli/init/inspect';
import type { PlanResult } from '../../../cli/init/plan';
import { catalogueEntries } from '../../../cli/init/settingCatalogue';
import type { System } from '../../../cli/init/systems';
import type { SettingKey } from '../../../cluster/settingTypes';
import { scriptedPrompter } from './scriptedPrompter';

const systems: System[] = [
  { name: 'core', provides: ['cilium'], dependsOn: [] },
  { name: 'issuer-a', provides: ['issuer'], dependsOn: ['cilium'] },
  { name: 'issuer-b', provides: ['issuer'], dependsOn: ['cilium'] },
  { name: 'load-balancer', provides: ['pool'], dependsOn: ['cilium'] },
  { name: 'openebs', provides: ['openebs'], dependsOn: ['cilium'] },
];

const disks = [
  { dev_path: '/dev/nvme0n1', size: 1_000_204_886_016, model: 'Example 990', transport: 'nvme' },
  { dev_path: '/dev/sda', size: 256_060_514_304, model: 'Example SSD', transport: 'sata' },
  { dev_path: '/dev/sr0', size: 1024, cdrom: true, transport: 'sata' },
  { dev_path: '/dev/loop0', size: 4096 },
];
const links = [
  { id: 'eno1', type: 'ether', hardwareAddr: '52:54:00:00:00:01', driver: 'e1000e' },
  { id: 'lo', type: 'loopback' },
  { id: 'bond0', type: 'ether', kind: 'bond' },
];
const inspect: Inspect = async (address) =>
  address === '192.168.1.11'
    ? { state: 'maintenance', version: 'v1.11.2', disks, links }
    : { state: 'unreachable', why: 'ECONNREFUSED' };

const site = [
  ['Git repository that Flux follows', 'https://git.home.example/me/home-ops.git'],
  ['Branch', true],
  ['Public domain (may be empty)', 'home.example'],
  ['Domain of internal names (may be empty)', ''],
  ['URL of 1Password Connect', 'https://connect.home.example'],
  ['1Password vault', 'homelab'],
] as const;

test('asks for one cluster, offers what its machines have, and checks every text', async () => {
  const prompter = scriptedPrompter([
    ...site,
    ['Name of the cluster', 'Home'],
    ['Name of the cluster', 'home'],
    ['Subnet of the machines', '192.168.1.0'],
    ['Subnet of the machines', '192.168.1.0/24'],
    ['How do the machines get their addresses?', 'Talos writes them'],
    ['Address of the router', '192.168.1.1'],
    ['Name servers (may be empty)', '192.168.1.1, 9.9.9.9'],
    ['Time servers (may be empty)', ''],
    ['DNS name of the Kubernetes API', true],
    ['Virtual IP for it (may be empty)', '192.168.1.10'],
    ['Name of the machine', 'home-01'],
    ['Role of home-01', 'control plane'],
    ['Address of home-01', '192.168.1.11'],
    ['Look at home-01 now? It must be in maintenance mode.', true],
    ['Disk to install Talos on (it is wiped)', '/dev/sda'],
    ['Link with the address', 'eno1'],
    ['Another machine?', true],
    ['Name of the machine', 'home-02'],
    ['Role of home-02', 'worker'],
    ['Address of home-02', '192.168.1.12'],
    ['Look at home-02 now? It must be in maintenance mode.', true],
    ['Disk to install Talos on (it is wiped)', '/dev/vda'],
    ['Link with the address', 'ens3'],
    ['Another machine?', false],
    ['Which systems, besides the core?', ['openebs', 'load-balancer']],
    ['Which one for issuer?', 'issuer-b'],
    ['First address for load balancers', '192.168.1.100'],
    ['Last address for load balancers', '192.168.1.119'],
    ['Disk of its own for local volumes of OpenEBS (may be empty)', '/dev/nvme0n1'],
    ['Its least size', true],
    ['Do control planes take workloads too?', true],
    ['Another cluster?', false],
    ['Delete cluster infra of this repository: its stack file and its folder?', true],
    ['Delete cluster lab of this repository: its stack file and its folder?', false],
  ]);
  expect(await askSite({ prompter, inspect, systems, existing: ['home', 'infra', 'lab'] })).toEqual({
    git: { url: 'https://git.home.example/me/home-ops.git', branch: 'main' },
    domain: 'home.example',
    onePassword: { host: 'https://connect.home.example', vault: 'homelab' },
    clusters: [
      {
        name: 'home',
        nodes: [
          { name: 'home-01', role: 'controlplane', address: '192.168.1.11', installDisk: '/dev/sda', link: 'eno1' },
          { name: 'home-02', role: 'worker', address: '192.168.1.12', installDisk: '/dev/vda', link: 'ens3' },
        ],
        network: {
          nodes: '192.168.1.0/24',
          addressing: 'static',
          gateway: '192.168.1.1',
          nameservers: ['192.168.1.1', '9.9.9.9'],
        },
        api: { name: 'home-k8s.home.example', virtualIp: '192.168.1.10' },
        workloadsOnControlPlanes: true,
        openebsVolume: { match: "disk.dev_path == '/dev/nvme0n1' && !system_disk", minSize: '100GB' },
        loadBalancer: { from: '192.168.1.100', to: '192.168.1.119' },
        systems: ['core', 'issuer-b', 'load-balancer', 'openebs'],
      },
    ],
    remove: ['infra'],
  });
  expect(prompter.left()).toEqual([]);
  expect(prompter.notes).toEqual([
    'Name of the cluster: expected a DNS label that no other has',
    'Subnet of the machines: expected one or more CIDRs such as 10.0.0.0/16 or fd00:10::/56, separated by commas',
    'Talos does not respond at 192.168.1.12: ECONNREFUSED',
  ]);
});

test('asks only for what a wanted system needs: once more for each cluster, with the last answer', async () => {
  const entry = (key: SettingKey) => catalogueEntries().find((one) => one.key === key)!.entry;
  const missing = (cluster: string, key: SettingKey) => ({
    cluster,
    setting: {
      key,
      entry: entry(key),
      use: { kustomization: 'external-dns-rfc2136', place: 'x.yaml:1' },
      problem: { where: '', found: '', expected: '', fix: '' },
    },
  });
  const result: PlanResult = {
    problems: [],
    missing: [missing('a', 'BIND_HOST'), missing('b', 'BIND_HOST')],
    needsCloudflare: true,
  };
  const prompter = scriptedPrompter([
    ['a: the address of BIND, which serves the private domain (external-dns-rfc2136 uses it)', 'bind'],
    ['a: the address of BIND, which serves the private domain (external-dns-rfc2136 uses it)', '192.168.1.2'],
    ['b: the address of BIND, which serves the private domain (external-dns-rfc2136 uses it)', true],
    ['Cloudflare account of the domain', 'Home'],
  ]);
  const clusters = [{ name: 'a' }, { name: 'b', settings: { COREDNS_REPLICAS: '3' } }];
  const answers = { clusters } as unknown as Parameters<typeof askMissing>[0];
  expect(await askMissing(answers, result, prompter)).toEqual({
    cloudflare: { account: 'Home' },
    clusters: [
      { name: 'a', settings: { BIND_HOST: '192.168.1.2' } },
      { name: 'b', settings: { COREDNS_REPLICAS: '3', BIND_HOST: '192.168.1.2' } },
    ],
  });
  expect(prompter.left()).toEqual([]);
  expect(await askMissing(answers, { problems: [], missing: [], needsCloudflare: false }, prompter)).toBeUndefined();
});

test('describes a machine for people who write a file', async () => {
  expect(describeMachine('192.168.1.11', await inspect('192.168.1.11')))
    .toBe(`192.168.1.11: maintenance mode, Talos v1.11.2
  disk /dev/sda  256 GB, Example SSD, sata
  disk /dev/nvme0n1  1 TB, Example 990, nvme
  link eno1  52:54:00:00:00:01, e1000e`);
  expect(describeMachine('192.168.1.12', await inspect('192.168.1.12'))).toBe(
    '192.168.1.12: Talos does not respond: ECONNREFUSED',
  );
  expect(describeMachine('192.168.1.13', { state: 'foreign', stackHasIdentity: false })).toBe(
    '192.168.1.13: is configured already, so it tells nothing without its talosconfig',
  );
});
