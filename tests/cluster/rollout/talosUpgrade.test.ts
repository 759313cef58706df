import {
  describeSystem,
  systemChange,
  systemDiffers,
  talosUpgradeProblems,
  type UpgradeQuestion,
} from '../../../cluster/rollout/talosUpgrade';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const image = (version: string, schematic = a, kind = 'metal-installer') =>
  `factory.talos.dev/${kind}/${schematic}:${version}`;
const running = { version: 'v1.11.2', schematic: a, platform: 'metal', secureBoot: false, architecture: 'amd64' };
const wanted = { image: image('v1.11.6'), version: 'v1.11.6', schematic: a, architecture: 'amd64' };
const question = {
  node: 'infra-01',
  controlPlane: true,
  running,
  wanted,
  others: ['v1.11.2', 'v1.11.2'],
  kubernetes: 'v1.34.1',
  etcdMembers: 3,
};
const to = (version: string, from = 'v1.11.2') => ({
  running: { ...running, version: from },
  wanted: { ...wanted, version, image: image(version) },
});

test.each<[string, Partial<UpgradeQuestion>]>([
  ['a patch', {}],
  ['the next minor', to('v1.12.1')],
  ['a schematic only', { wanted: { ...wanted, version: 'v1.11.2', schematic: b, image: image('v1.11.2', b) } }],
  ['one control plane alone', { etcdMembers: 1 }],
  ['a worker of two control planes', { etcdMembers: 2, controlPlane: false }],
  ['back, while others still run it', { ...to('v1.11.2', 'v1.11.6'), others: ['v1.11.6', 'v1.11.2'] }],
  ['back to the minor before, while others still run it', { ...to('v1.11.6', 'v1.12.1'), others: ['v1.11.6'] }],
  [
    'an image of which nothing is known',
    { wanted: { image: 'registry.example/installer:v1.11.6', version: 'v1.11.6' } },
  ],
  ['a machine that reports only its version', { running: { version: 'v1.11.2' } }],
  ['unknown Kubernetes', { kubernetes: undefined }],
  ['a version that is not in the table', { kubernetes: 'v1.99.0', ...to('v1.99.0', 'v1.98.0') }],
])('allowed: %s', (_name, change) => {
  expect(talosUpgradeProblems({ ...question, ...change })).toEqual([]);
});

test.each<[string, Partial<UpgradeQuestion>, string[]]>([
  [
    'down',
    { ...to('v1.11.2', 'v1.11.6'), others: ['v1.11.6', 'v1.11.6'] },
    [
      'Talos does not go down from v1.11.6 to v1.11.2: no other machine of the cluster runs that any more; ' +
        'set TALOS_VERSION to v1.11.6',
    ],
  ],
  [
    'down two minors, although another machine runs it',
    { ...to('v1.10.6', 'v1.12.1'), others: ['v1.10.6'], kubernetes: undefined },
    [
      'Talos does not go down from v1.12.1 to v1.10.6: that is more than one minor version; set TALOS_VERSION to v1.12.1',
    ],
  ],
  [
    'skipping a minor',
    to('v1.13.0'),
    [
      'Talos v1.11.2 cannot go to v1.13.0 directly, because Talos supports no upgrade that skips a minor version; ' +
        'set TALOS_VERSION to the latest 1.12 first',
    ],
  ],
  [
    'another platform',
    { running: { ...running, platform: 'nocloud' } },
    [
      `the machine was installed for the platform nocloud, and ${wanted.image} is for metal: it would not find its network ` +
        "again; set installerImage to its platform's installer, or install it again",
    ],
  ],
  [
    'an unsigned image on a machine with Secure Boot',
    { running: { ...running, secureBoot: true } },
    [`the machine boots with Secure Boot, and would refuse ${wanted.image}, which is not signed; set secureboot: true`],
  ],
  [
    'a signed image on a machine without Secure Boot',
    { wanted: { ...wanted, image: image('v1.11.6', a, 'metal-installer-secureboot') } },
    [
      `the machine does not boot with Secure Boot, and ${image('v1.11.6', a, 'metal-installer-secureboot')} is for machines that ` +
        'do; set secureboot: false, or install it again from the Secure Boot medium',
    ],
  ],
  [
    'another architecture',
    { running: { ...running, architecture: 'arm64' } },
    ['the machine is arm64, but its architecture in the stack is amd64; correct it'],
  ],
  [
    'Kubernetes that it does not support',
    { kubernetes: 'v1.28.3' },
    [
      'Talos v1.11.6 needs Kubernetes 1.29 to 1.34, and v1.28.3 runs; change KUBERNETES_VERSION first, with TALOS_VERSION as it was',
    ],
  ],
  [
    'two members of etcd',
    { etcdMembers: 2 },
    ['etcd has two members, and without one of them no quorum; add a third control plane, or remove one, first'],
  ],
])('refused: %s', (_name, change, problems) => {
  expect(talosUpgradeProblems({ ...question, ...change })).toEqual(problems);
});

test('all reasons together', () => {
  const change = { ...to('v1.13.0'), running: { ...running, secureBoot: true }, etcdMembers: 2, kubernetes: 'v1.30.0' };
  expect(talosUpgradeProblems({ ...question, ...change })).toHaveLength(4);
});

test('what differs, in words', () => {
  expect(systemDiffers(running, wanted)).toBe(true);
  expect(systemChange(running, wanted)).toBe('Talos v1.11.2 → v1.11.6');
  const other = { ...wanted, version: 'v1.11.2', schematic: b };
  expect(systemDiffers(running, other)).toBe(true);
  expect(systemChange(running, other)).toBe('schematic aaaaaaaaaaaa… → bbbbbbbbbbbb…');
  expect(systemChange({ version: 'v1.11.2' }, { ...other, version: 'v1.11.6' })).toBe(
    'Talos v1.11.2 → v1.11.6, schematic none → bbbbbbbbbbbb…',
  );
  expect(systemDiffers({ version: 'v1.11.6' }, { image: 'x', version: 'v1.11.6' })).toBe(false);
  expect(describeSystem(running)).toBe('Talos v1.11.2 with schematic aaaaaaaaaaaa…');
  expect(describeSystem({ version: 'v1.11.2' })).toBe('Talos v1.11.2');
});
