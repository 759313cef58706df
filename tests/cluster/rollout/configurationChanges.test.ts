import { configurationChanges, describeChanges, readChange } from '../../../cluster/rollout/configurationChanges';
import { sameConfiguration } from '../../../cluster/rollout/configurationDocuments';

const before = `version: v1alpha1
debug: false
machine:
  type: controlplane
  token: abc.defghijkl
  ca: {crt: Y2VydA==, key: c2VjcmV0IGtleQ==}
  sysctls: {net.core.somaxconn: "1024"}
  install: {disk: /dev/sda, image: installer:v1}
  network:
    interfaces: [{interface: eth0, mtu: 1500}, {interface: eth1, mtu: 1500}]
  registries: {config: {registry.example.org: {auth: {username: u, password: p}, tls: {insecureSkipVerify: true}}}}
  features: {rbac: true, hostDNS: {enabled: true}}
cluster:
  secret: YSBzZWNyZXQgb2YgdGhlIGNsdXN0ZXI=
---
apiVersion: v1alpha1
kind: EthernetConfig
name: eth0
rings: {rx: 1024}
`;
const change = (from: string, to: string) => describeChanges(before, before.replace(from, to));

describe('a change of a machine configuration, in words', () => {
  test.each([
    [
      'sysctls: {net.core.somaxconn: "1024"}',
      'sysctls: {net.core.somaxconn: "2048", vm.a: "1"}',
      ['machine.sysctls["net.core.somaxconn"]: "1024" → "2048" (live)', 'machine.sysctls["vm.a"]: added "1" (live)'],
    ],
    ['mtu: 1500}]', 'mtu: 9000}]', ['machine.network.interfaces[1].mtu: 1500 → 9000 (live)']],
    ['rx: 1024', 'rx: 4096', ['EthernetConfig eth0 rings.rx: 1024 → 4096 (live)']],
    ['type: controlplane', 'type: worker', ['machine.type: "controlplane" → "worker" (reboots the machine)']],
    ['debug: false', 'debug: true', ['debug: false → true (live)']],
    ['rbac: true, ', '', ['machine.features.rbac: removed true (reboots the machine)']],
    [
      'hostDNS: {enabled: true}',
      'hostDNS: {enabled: false}',
      ['machine.features.hostDNS.enabled: true → false (live)'],
    ],
    [
      'installer:v1',
      'installer:v2',
      ['machine.install.image: "installer:v1" → "installer:v2" (accepted, no effect yet)'],
    ],
    ['features:', 'udev: {rules: [a]}\n  features:', ['machine.udev: added {"rules":["a"]} (reboots the machine)']],
  ])('%s to %s', (from, to, expected) => {
    expect(change(from, to)).toEqual(expected);
  });

  test('documents are added and removed without their content', () => {
    expect(describeChanges(before, before.replace('name: eth0', 'name: eth1'))).toEqual([
      'EthernetConfig eth0: removed (live)',
      'EthernetConfig eth1: added (live)',
    ]);
  });

  test('encryption of a system volume is accepted, and has no effect yet', () => {
    const volume = (provider: string) =>
      `apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nencryption: {provider: ${provider}}\n`;
    expect(describeChanges(volume('luks2'), volume('other'))).toEqual([
      'VolumeConfig EPHEMERAL encryption.provider: "luks2" → "other" (accepted, no effect yet)',
    ]);
  });

  test('nothing changed, also in another form', () => {
    expect(describeChanges(before, before)).toEqual([]);
    const same = `# a comment\n${before.replace('debug: false\n', '')}`.replace('cluster:', 'debug: false\ncluster:');
    expect(describeChanges(before, same)).toEqual([]);
    expect(sameConfiguration(before, same)).toBe(true);
    expect(sameConfiguration(before, before.replace('mtu: 1500}]', 'mtu: 9000}]'))).toBe(false);
  });
});

describe('secrets are never shown', () => {
  test.each([
    ['abc.defghijkl', 'xyz.defghijkl', 'machine.token: changed, a secret (reboots the machine)'],
    ['c2VjcmV0IGtleQ==', 'b3RoZXIga2V5', 'machine.ca.key: changed, a secret (live)'],
    [
      'password: p',
      'password: q',
      'machine.registries.config["registry.example.org"].auth.password: changed, a secret (accepted, no effect yet)',
    ],
    ['YSBzZWNyZXQgb2YgdGhlIGNsdXN0ZXI=', 'bmV3', 'cluster.secret: changed, a secret (live)'],
    // A secret of the bundle in another place, a password in a URL, a subtree that has a secret, an unknown document.
    ['debug: false', 'debug: "uses abc.defghijkl"', 'debug: a secret (live)'],
    ['debug: false', 'debug: "http://u:p@host"', 'debug: a secret (live)'],
    ['cluster:', 'cluster:\n  custom: {a: {clientSecret: hidden-value}}', 'cluster.custom: added, a secret (live)'],
    [
      'rings: {rx: 1024}',
      'rings: {rx: 1024}\nadminPassword: x',
      'EthernetConfig eth0 adminPassword: added, a secret (live)',
    ],
    ['debug: false', 'debug: false\nenvironment: [KEY=x]', 'environment: added, a secret (reboots the machine)'],
  ])('%s to %s', (from, to, expected) => {
    const [line = ''] = change(from, to);
    expect(line.replace('false → ', '')).toBe(expected);
  });
});

test('changes carry paths and values', () => {
  expect(configurationChanges(before, before.replace('rx: 1024', 'rx: 4096'))).toEqual([
    { document: 'EthernetConfig eth0', path: ['rings', 'rx'], before: 1024, after: 4096, effect: 'live' },
  ]);
});

test('its words say again what changed', () => {
  const machine = (more: string) => `machine:\n  sysctls: { vm.a: "1: x" }\n${more}`;
  const added = 'kind: KmsgLogConfig\nname: a\n';
  const lines = describeChanges(
    `${machine('  token: token-of-before\n  nodeLabels: { old: x }\n')}---\nkind: EthernetConfig\nname: e\n`,
    `${machine('  token: token-of-after\n').replace('1: x', '2')}---\n${added}`,
  );
  expect(lines.map((line) => readChange(line))).toEqual([
    { field: 'machine.sysctls["vm.a"]', before: '"1: x"', after: '"2"' },
    { field: 'machine.token', before: '[secret]', after: '[secret]' },
    { field: 'machine.nodeLabels', before: '{"old":"x"}' },
    { field: 'EthernetConfig e', before: 'a document' },
    { field: 'KmsgLogConfig a', after: 'a document' },
  ]);
  expect(readChange('a: the machine is drained and reboots')).toBeUndefined();
});
