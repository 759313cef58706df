import * as fs from 'node:fs';
import * as path from 'node:path';
import { TalosResources } from '../../clients/talos/resources';
import { restored } from './base';
import { campaign } from './campaign';
import { Checkout } from './checkout';
import { controlPlanesOf, requiredStack, rollableStack } from './chosenStack';
import { rolledStack, setting } from './rolledStack';

// A restored lab whose Talos, kernel arguments and Kubernetes are changed by `pulumi up` alone. The tests run in this order;
// those of one part depend on each other.
const minute = 60_000;
const checkout = new Checkout('versions');
const stack = requiredStack(rollableStack(checkout.root), 'three control planes');
const part = campaign(['schematic', 'Talos', 'Kubernetes'], 2);
const lab = rolledStack(checkout, stack);
const { options, editStack, machines, bootIds, kubeNodes, preview, up, killedUp, changesNothing, watchedUp } = lab;
const names = controlPlanesOf(checkout.root, stack);
const [first = '', second = '', third = ''] = names;

beforeAll(async () => {
  await restored(checkout);
  await checkout.must('up', '--services', '--upgrades');
  await lab.open();
}, 90 * minute);
afterAll(() => checkout.remove(), 5 * minute);

/** Changes a setting of the cluster in Git. The lab's own definitions do not follow: a real machine's boot medium does not either. */
function setSetting(key: string, value: string): void {
  const file = path.join(checkout.root, 'kubernetes', 'clusters', stack, 'cluster-settings.yaml');
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(new RegExp(`^( +${key}: ).*$`, 'm'), `$1${value}`);
  if (changed === text) throw new Error(`${file} has no ${key} other than ${value}`);
  fs.writeFileSync(file, changed);
}

function setFaults(faults: Record<string, object>): void {
  fs.writeFileSync(path.join(checkout.labDir, 'machines.json'), JSON.stringify(faults));
}

/** The Talos version and the schematic that each machine runs. */
const systems = (): Promise<[string, string, string][]> =>
  Promise.all(
    machines().map(async (target) => {
      const { name } = target;
      const { tag } = await lab.withMachine(name, (client) => client.version());
      const resources = TalosResources.open(target, lab.identity());
      try {
        return [name, tag, (await resources.schematic()) ?? 'none'] as [string, string, string];
      } finally {
        resources.close();
      }
    }),
  );

interface VersionedNode {
  metadata: { name: string };
  status: { nodeInfo: { kubeletVersion: string } };
}
interface StaticPod {
  metadata: { name: string };
  spec: { containers: { image: string }[] };
}

/** Component or Node → version, as the cluster shows them. */
async function kubernetesVersions(): Promise<Record<string, string>> {
  const nodes = await checkout.get<VersionedNode>(stack, 'nodes');
  const pods = await checkout.get<StaticPod>(stack, 'pods', '--namespace', 'kube-system', '-l', 'tier=control-plane');
  return Object.fromEntries([
    ...nodes.map(({ metadata, status }) => [metadata.name, status.nodeInfo.kubeletVersion] as const),
    ...pods.map(({ metadata, spec }) => [metadata.name, spec.containers[0]?.image.split(':')[1] ?? ''] as const),
  ]);
}

part('schematic')(
  'a kernel argument: a new schematic, one machine after the other',
  async () => {
    const before = await systems();
    await editStack((document) => document.addIn(setting('k8s-gitops:schematics', 'default', 'kernelArgs'), 'quiet'));
    const plan = await preview();
    for (const name of names) expect(plan).toMatch(new RegExp(`${name}: schematic \\w+… → \\w+…, reboots`));

    const { watched } = await watchedUp();
    expect(watched).toMatchObject({ mostDown: 1, down: names, leastSpareVoters: 0 });
    const after = await systems();
    expect(after.map(([, version]) => version)).toEqual(['v1.11.2', 'v1.11.2', 'v1.11.2']);
    expect(new Set(after.map(([, , schematic]) => schematic)).size).toBe(1);
    expect(after[0]?.[2]).not.toBe(before[0]?.[2]);
    expect(await kubeNodes()).toEqual(names);
    await changesNothing();
  },
  40 * minute,
);

part('Talos')(
  'Talos, with a machine that comes back with its old system: the roll stops there, and goes on when it can',
  async () => {
    const before = await bootIds();
    setSetting('TALOS_VERSION', 'v1.11.6');
    expect(await preview()).toContain(`${second}: Talos v1.11.2 → v1.11.6, reboots`);
    setFaults({ [second]: { upgrade: 'falls-back' } });
    const { code, stdout, stderr } = await checkout.lab('pulumi', 'up', '--yes', '--skip-preview', ...options);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('came back with Talos v1.11.2');
    expect((await systems()).map(([, version]) => version)).toEqual(['v1.11.6', 'v1.11.2', 'v1.11.2']);
    expect((await bootIds())[third]).toBe(before[third]);
    expect(await kubeNodes()).toEqual(names);
    setFaults({});
  },
  40 * minute,
);

part('Talos')(
  'killed while a machine is upgraded: the plain next up completes, and reboots no machine twice',
  async () => {
    const before = await bootIds();
    await killedUp(`${second} is being upgraded`);
    const { watched } = await watchedUp();
    expect(watched.down).not.toContain(first);
    expect(watched.mostDown).toBe(1);
    expect(watched.leastSpareVoters).toBeGreaterThanOrEqual(0);
    expect((await systems()).map(([, version]) => version)).toEqual(['v1.11.6', 'v1.11.6', 'v1.11.6']);
    expect((await bootIds())[first]).toBe(before[first]);
    expect(await kubeNodes()).toEqual(names);
    await changesNothing();
  },
  40 * minute,
);

part('Talos')(
  'Talos does not go down once all machines have the new version',
  async () => {
    setSetting('TALOS_VERSION', 'v1.11.2');
    const { code, stdout, stderr } = await checkout.lab('pulumi', 'up', '--yes', '--skip-preview', ...options);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('Talos does not go down from v1.11.6 to v1.11.2');
    setSetting('TALOS_VERSION', 'v1.11.6');
    await changesNothing();
  },
  10 * minute,
);

part('Kubernetes')(
  'Kubernetes, killed between two components: the plain next up completes, without a reboot',
  async () => {
    const before = await bootIds();
    setSetting('KUBERNETES_VERSION', 'v1.34.4');
    expect(await preview()).toContain(`Kubernetes v1.34.1 → v1.34.4, without a reboot: kube-apiserver of ${first}`);
    await killedUp(`kube-apiserver of ${second} runs v1.34.4`);
    const { watched } = await watchedUp();
    expect(watched).toMatchObject({ mostDown: 0, leastSpareVoters: 1 });
    expect(new Set(Object.values(await kubernetesVersions()))).toEqual(new Set(['v1.34.4']));
    expect(await bootIds()).toEqual(before);
    await changesNothing();
    expect(await up('--refresh', '--expect-no-changes')).toContain('unchanged');
  },
  40 * minute,
);
