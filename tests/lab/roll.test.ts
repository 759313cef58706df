import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Document } from 'yaml';
import { restored } from './base';
import { campaign } from './campaign';
import { Checkout } from './checkout';
import { controlPlanesOf, requiredStack, rollableStack } from './chosenStack';
import { nodesKey, rolledStack, setting } from './rolledStack';

// A restored lab whose machines are changed by `pulumi up` alone. The tests run in this order, one after the other.
const minute = 60_000;
const checkout = new Checkout('roll');
const stack = requiredStack(rollableStack(checkout.root), 'three control planes');
const names = controlPlanesOf(checkout.root, stack);
const [first = '', second = ''] = names;
const added = `${stack}-added`;
const part = campaign(['reboot', 'killed', 'nodes', 'dead control plane'], 2);

const lab = rolledStack(checkout, stack);
const { options, editStack, machines, withMachine, configurationOf, bootIds, members, kubeNodes } = lab;
const { preview, up, killedUp, changesNothing, watchedUp } = lab;

beforeAll(async () => {
  await restored(checkout);
  await lab.open();
}, 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

/** The highest free address of the nodes' subnet. */
function freeAddress(document: Document): string {
  const { config } = document.toJS() as { config: Record<string, { address: string }[]> };
  const taken = new Set((config[nodesKey] ?? []).map(({ address }) => address));
  const [subnet = ''] = /^.*\./.exec([...taken][0] ?? '') ?? [];
  const host = Array.from({ length: 253 }, (_, at) => 254 - at).find((last) => !taken.has(`${subnet}${last}`));
  return `${subnet}${host}`;
}

/** A change of the machine configuration that Talos carries out by a reboot. */
const udevRule = (mode: string) => ({ machine: { udev: { rules: [`SUBSYSTEM=="drm", MODE="${mode}"`] } } });

test(
  'a sysctl: preview says that it is live, no machine goes down, and the second up changes nothing',
  async () => {
    const before = await bootIds();
    await editStack((document) => document.setIn(setting('k8s-gitops:machines', 'sysctls'), { 'vm.swappiness': '1' }));
    const plan = await preview();
    for (const { name } of machines()) expect(plan).toContain(`${name}: the changes are applied without a reboot`);
    expect(plan).toContain('machine.sysctls: added {"vm.swappiness":"1"} (live)');

    const { watched } = await watchedUp();
    expect(watched).toMatchObject({ mostDown: 0, leastSpareVoters: 1 });
    expect(await bootIds()).toEqual(before);
    for (const { name } of machines()) expect(await configurationOf(name)).toContain('vm.swappiness');
    await changesNothing();
  },
  20 * minute,
);

part('reboot')(
  'a change that reboots: one machine after the other, each drained and uncordoned, etcd keeps its quorum',
  async () => {
    const before = await bootIds();
    await editStack((document) => document.setIn(setting('k8s-gitops:machines', 'patches'), [udevRule('0660')]));
    const plan = await preview();
    for (const { name } of machines()) expect(plan).toContain(`${name}: the machine is drained and reboots`);

    const { watched } = await watchedUp();
    expect(watched).toMatchObject({ mostDown: 1, leastSpareVoters: 0 });
    expect(watched.down).toEqual(names);
    const after = await bootIds();
    for (const name of names) expect(after[name]).not.toBe(before[name]);
    expect(await kubeNodes()).toEqual(names);
    await changesNothing();
  },
  40 * minute,
);

part('killed')(
  'killed while the second machine reboots: the plain next up completes, and reboots no machine twice',
  async () => {
    const before = await bootIds();
    await editStack((document) => document.setIn(setting('k8s-gitops:machines', 'patches'), [udevRule('0600')]));
    await killedUp(`${second}: waiting for the machine`);

    const { watched } = await watchedUp();
    expect(watched.down).not.toContain(first);
    expect(watched.mostDown).toBe(1);
    expect(watched.leastSpareVoters).toBeGreaterThanOrEqual(0);
    const after = await bootIds();
    expect(Object.keys(after).filter((name) => after[name] === before[name])).toEqual([]);
    expect(await kubeNodes()).toEqual(names);
    await changesNothing();
  },
  40 * minute,
);

part('nodes')(
  'a fourth node is one entry',
  async () => {
    await editStack((document) => {
      document.addIn(
        setting(nodesKey),
        document.createNode({ name: added, role: 'worker', address: freeAddress(document) }),
      );
      document.setIn(setting('k8s-gitops:allowSchedulingOnControlPlanes'), true);
    });
    const { watched } = await watchedUp();
    // The new machine is down until it is installed.
    expect(watched).toMatchObject({ mostDown: 1, down: [added], leastSpareVoters: 1 });
    expect(await kubeNodes()).toEqual([...names, added].sort());
    await changesNothing();
  },
  20 * minute,
);

part('nodes')(
  'a node whose entry is deleted outright is refused; marked, it leaves, and then its entry may go',
  async () => {
    const entry = machines().length - 1;
    const remove = (document: Document) => void document.deleteIn(setting(nodesKey, entry));
    const file = path.join(checkout.root, `Pulumi.${stack}.yaml`);
    const kept = fs.readFileSync(file, 'utf8');
    await editStack(remove);
    const { code, stdout, stderr } = await checkout.lab('pulumi', 'preview', ...options);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`node ${added} has no entry any more`);
    expect(stdout + stderr).toContain('put the entry back with `leaving: true`');

    fs.writeFileSync(file, kept);
    await editStack((document) => document.setIn(setting(nodesKey, entry, 'leaving'), true));
    expect(await preview()).toContain(`${added} leaves: it is drained and its machine is reset`);
    expect(await up()).toContain(`${added} has left: delete its entry from the nodes of the stack`);
    expect(await kubeNodes()).toEqual(names);
    await editStack(remove);
    await up();
    await changesNothing();
  },
  30 * minute,
);

part('dead control plane')(
  'a dead control plane is replaced under its own name: up waits until its member votes',
  async () => {
    // What a new machine at its address is: no configuration, no data, and the old member still listed.
    await withMachine(second, (client) =>
      client.reset({ graceful: false, reboot: true, wipe: ['STATE', 'EPHEMERAL'] }),
    );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(await preview()).toContain(
      `${second}: the machine is in maintenance mode: it is installed with its configuration`,
    );
    const { watched } = await watchedUp();
    expect(watched).toMatchObject({ mostDown: 1, down: [second] });
    expect(watched.leastSpareVoters).toBeGreaterThanOrEqual(0);
    expect((await members(first)).sort()).toEqual(names);
    expect(await kubeNodes()).toEqual(names);
    await changesNothing();
  },
  20 * minute,
);
