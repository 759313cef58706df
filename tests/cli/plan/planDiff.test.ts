import { planDiff, type PlanDiff } from '../../../cli/plan/diff/planDiff';
import { updatesResource } from '../../../cli/plan/diff/runPlanDiff';
import { planStack } from '../../../cli/plan/planStack';
import type { ComparablePlan } from '../../../cli/plan/stackPlan';
import { changed, fixtureRoot } from './fixtures';

const stacks = ['east', 'west'] as const;
const before: Record<string, ComparablePlan> = {};
beforeAll(async () => {
  for (const stack of stacks) before[stack] = await planStack(stack, fixtureRoot);
});

/** What happens to each stack because of some edits; a stack that nothing happens to is absent. */
async function happens(edits: Parameters<typeof changed>[0]): Promise<Record<string, PlanDiff>> {
  const root = changed(edits);
  const found: Record<string, PlanDiff> = {};
  for (const stack of stacks) {
    const diff = planDiff(before[stack], await planStack(stack, root, before[stack]?.plan.format), updatesResource);
    if (diff !== undefined) found[stack] = diff;
  }
  return found;
}

const objectsOf = ({ flux }: PlanDiff): string[] =>
  (flux?.objects ?? []).map(
    ({ change, object, values }) => `${change} ${object} ${values.map(({ path }) => path).join()}`,
  );
const resourcesOf = ({ resources }: PlanDiff): string[] =>
  resources.map(({ change, id, inputs }) => `${change} ${id} ${inputs.join()}`.trim());

test('nothing happens without a change', async () => {
  expect(await happens([])).toEqual({});
});

test('a kernel argument: every machine of the stack is upgraded, one after the other', async () => {
  const { east, ...others } = await happens([['Pulumi.east.yaml', 'mitigations=off', 'mitigations=off, quiet']]);
  if (east === undefined) throw new Error('nothing happens');
  expect(others).toEqual({});
  const schematic = /^schematic [0-9a-f]{12}… → [0-9a-f]{12}…$/;
  const image = /^machine\.install\.image: "factory\.talos\.dev\/metal-installer\/.*\(accepted, no effect yet\)$/;
  expect(east.machines).toEqual(
    [
      ['east-01', 'controlplane', []],
      ['east-02', 'controlplane', ['east-01']],
      ['east-03', 'controlplane', ['east-02']],
      ['east-04', 'worker', ['east-03']],
    ].map(([name, role, after]) => ({
      name,
      role,
      after,
      change: 'changed',
      upgrade: expect.stringMatching(schematic) as string,
      reboots: false,
      fields: [{ text: expect.stringMatching(image) as string, effect: 'later' }],
    })),
  );
  expect(resourcesOf(east)).toEqual([
    'changed Schematic east-default schematic',
    ...[1, 2, 3, 4].map((number) => `changed MachineSystem east-0${number} image,schematic`),
    ...[1, 2, 3, 4].map((number) => `changed MachineConfiguration east-0${number} configuration`),
  ]);
  expect([east.releases, east.flux, east.kubernetes]).toEqual([[], undefined, undefined]);
});

test('a sysctl: live, and nothing else', async () => {
  const diffs = await happens([
    ['Pulumi.west.yaml', '    network:\n', "    sysctls: { vm.swappiness: '10' }\n    network:\n"],
  ]);
  expect(diffs).toEqual({
    west: {
      stack: 'west',
      change: 'changed',
      machines: [
        {
          name: 'west-01',
          role: 'controlplane',
          after: [],
          change: 'changed',
          reboots: false,
          fields: [{ text: 'machine.sysctls: added {"vm.swappiness":"10"} (live)', effect: 'live' }],
        },
      ],
      releases: [],
      resources: [{ id: 'MachineConfiguration west-01', change: 'changed', inputs: ['configuration'] }],
    },
  });
});

test('a field that reboots', async () => {
  const { west, ...others } = await happens([
    ['Pulumi.west.yaml', '    network:\n', '    patches: [{ machine: { udev: { rules: [a] } } }]\n    network:\n'],
  ]);
  expect(others).toEqual({});
  expect(west?.machines).toEqual([
    expect.objectContaining({
      reboots: true,
      fields: [{ text: 'machine.udev: added {"rules":["a"]} (reboots the machine)', effect: 'reboot' }],
    }),
  ]);
});

test('a value of a release that both clusters have: Flux rolls it out, the program does nothing', async () => {
  const file = 'kubernetes/infrastructure/networking/spegel/release.yaml';
  const diffs = await happens([[file, '  values:\n', '  values:\n    replicas: 3\n']]);
  expect(Object.keys(diffs)).toEqual(['east', 'west']);
  for (const [stack, diff] of Object.entries(diffs)) {
    expect(diff.machines).toEqual([]);
    expect(diff.releases).toEqual([{ name: 'spegel', change: 'changed', values: [{ path: 'replicas', after: 3 }] }]);
    expect(resourcesOf(diff)).toEqual([]);
    expect(objectsOf(diff)).toEqual(['changed HelmRelease kube-system/spegel spec.values.replicas']);
    expect(diff.stack).toBe(stack);
  }
});

test('a setting that machines, core and Flux of both clusters use', async () => {
  const settings = (cluster: string) => `kubernetes/clusters/${cluster}/cluster-settings.yaml`;
  const diffs = await happens([
    [settings('east'), '10.65.0.10', '10.65.0.53'],
    [settings('west'), '10.67.0.10', '10.67.0.53'],
  ]);
  expect(Object.keys(diffs)).toEqual(['east', 'west']);
  const { east, west } = diffs;
  expect(west?.machines).toEqual([
    {
      name: 'west-01',
      role: 'controlplane',
      after: [],
      change: 'changed',
      reboots: false,
      fields: [{ text: 'machine.kubelet.clusterDNS: ["10.67.0.10"] → ["10.67.0.53"] (live)', effect: 'live' }],
    },
  ]);
  expect(east?.machines.map(({ name }) => name)).toEqual(['east-01', 'east-02', 'east-03', 'east-04']);
  expect(objectsOf(east ?? west!)).toContain('changed ConfigMap flux-system/cluster-settings data.COREDNS_CLUSTER_IP');
});

test('a new worker: it joins, the others learn its address', async () => {
  const { east, ...others } = await happens([
    [
      'Pulumi.east.yaml',
      'address: 10.1.0.14 }\n',
      'address: 10.1.0.14 }\n    - { name: east-05, role: worker, address: 10.1.0.15 }\n',
    ],
  ]);
  if (east === undefined) throw new Error('nothing happens');
  expect(others).toEqual({});
  expect(
    east.machines.map(({ name, change, after, upgrade, reboots }) => ({ name, change, after, upgrade, reboots })),
  ).toEqual([
    { name: 'east-01', change: 'changed', after: [], reboots: false },
    { name: 'east-02', change: 'changed', after: ['east-01'], reboots: false },
    { name: 'east-03', change: 'changed', after: ['east-02'], reboots: false },
    { name: 'east-04', change: 'changed', after: ['east-03'], reboots: false },
    { name: 'east-05', change: 'added', after: ['east-03', 'east-04'], reboots: false },
  ]);
  expect(east.machines[3]?.fields.map(({ effect }) => effect)).toEqual(['live']);
  expect(resourcesOf(east).filter((line) => line.startsWith('added'))).toEqual([
    'added MachineSystem east-05',
    'added MachineConfiguration east-05',
  ]);
  expect(resourcesOf(east).filter((line) => line.startsWith('removed'))).toEqual([]);
  expect([east.releases, east.flux]).toEqual([[], undefined]);
});

test('a version of Kubernetes: the images of its components are part of the upgrade', async () => {
  const { west } = await happens([['kubernetes/clusters/west/cluster-settings.yaml', 'v1.34.1', 'v1.34.2']]);
  expect(west?.kubernetes).toBe('v1.34.1 → v1.34.2');
  expect(west?.machines.flatMap(({ fields }) => fields).map(({ effect }) => effect)).toEqual(
    Array.from({ length: 5 }, () => 'kubernetes'),
  );
  expect(west?.machines[0]?.fields[0]?.text).toBe(
    'machine.kubelet.image: "ghcr.io/siderolabs/kubelet:v1.34.1" → "ghcr.io/siderolabs/kubelet:v1.34.2" (with the upgrade of Kubernetes)',
  );
});

test('a version of Talos: an upgrade, and the format stays that of the first version', async () => {
  const { west } = await happens([['kubernetes/clusters/west/cluster-settings.yaml', 'v1.11.2', 'v1.12.0']]);
  expect(west?.machines).toEqual([expect.objectContaining({ upgrade: 'Talos v1.11.2 → v1.12.0', reboots: false })]);
  expect(west?.machines[0]?.fields.map(({ effect }) => effect)).toEqual(['later']);
  // The secrets of the cluster keep the version with which they were made.
  expect(west === undefined ? [] : resourcesOf(west)).toEqual([
    'changed MachineSystem west-01 image,version',
    'changed MachineConfiguration west-01 configuration',
  ]);
});

test('the version of a chart: Flux rolls it out, and the release of the program does nothing', async () => {
  const { west, ...others } = await happens([
    ['kubernetes/clusters/west/cluster-settings.yaml', 'CILIUM_VERSION: 1.18.3', 'CILIUM_VERSION: 1.18.4'],
  ]);
  expect(others).toEqual({});
  expect(west?.releases).toEqual([{ name: 'cilium', change: 'changed', version: '1.18.3 → 1.18.4', values: [] }]);
  expect([west?.resources, west?.machines]).toEqual([[], []]);
});

test('what Talos refuses', async () => {
  const { west } = await happens([
    ['Pulumi.west.yaml', '    network:\n', '    patches: [{ machine: { nosuchkey: 1 } }]\n    network:\n'],
  ]);
  expect(west?.machines).toEqual([
    expect.objectContaining({
      name: 'west-01',
      refused: 'machine.nosuchkey: found 1, expected no such key in Talos v1.13.0',
    }),
  ]);
});

test('a secret in a patch is never shown', async () => {
  const patch =
    '{ machine: { registries: { config: { r.example.org: { auth: { username: u, password: hunter22 } } } } } }';
  const diffs = await happens([['Pulumi.west.yaml', '    network:\n', `    patches: [${patch}]\n    network:\n`]]);
  expect(diffs['west']?.machines[0]?.fields).toHaveLength(1);
  expect(JSON.stringify(diffs)).not.toContain('hunter22');
});

test('a new stack, and one that is gone', () => {
  expect(planDiff(undefined, before['west'], updatesResource)).toMatchObject({ stack: 'west', change: 'added' });
  expect(planDiff(before['west'], undefined, updatesResource)).toMatchObject({
    stack: 'west',
    change: 'removed',
    machines: [{ name: 'west-01', change: 'removed' }],
  });
});
