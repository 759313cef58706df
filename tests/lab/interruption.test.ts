import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import type { ScanResult } from '../../lab/scan/scanLab';
import { clientFor } from '../../lab/machines/adminClient';
import { adminKubeconfig } from '../../lab/machines/paths';
import { loadClusters } from '../../lab/up/loadClusters';
import { listStacks } from '../../cluster/stackFile';
import type { LabResult } from '../../lab/up/up';
import { coreReleases } from '../../cluster/bootstrapOrder';
import { readState } from '../../lab/state';
import { restored } from './base';
import { campaign } from './campaign';
import { Checkout, until } from './checkout';
import { zoneOwner } from './chosenStack';
import { sharedSecrets } from './sharedSecrets';

// A lab from nothing next to a restored one: the stacks come up sequentially, phases of the first one are killed, and what keeps
// Flux's adoption from restarting pods is off. The tests run in this order and depend on each other.
const minute = 60_000;
const neighbour = new Checkout('neighbour');
const checkout = new Checkout('interruption');
const stacks = listStacks(checkout.root);
// The owner of the zone last.
const owner = zoneOwner(checkout.root);
const sequence = [...stacks.filter((name) => name !== owner), ...(owner === undefined ? [] : [owner])];
const [stack = ''] = sequence;
const order = ['--order', sequence.join(',')];
const log = path.join(checkout.labDir, 'logs', `pulumi-${stack}.log`);
let interrupted: LabResult | undefined;

beforeAll(async () => {
  const gate = 'DisableChartDigestTracking=true';
  const files = execFileSync('grep', ['-rl', gate, 'kubernetes'], { cwd: checkout.root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) {
    const full = path.join(checkout.root, file);
    fs.writeFileSync(full, fs.readFileSync(full, 'utf8').replaceAll(gate, 'DisableChartDigestTracking=false'));
  }
  await restored(neighbour);
}, 60 * minute);
afterAll(async () => {
  await Promise.all([neighbour.remove(), checkout.remove()]);
}, 5 * minute);

interface KubeObject {
  metadata: { name: string; uid: string };
}

const logged = (pattern: RegExp) => (): boolean => fs.existsSync(log) && pattern.test(fs.readFileSync(log, 'utf8'));

/** Asks the API server itself: an installation is pending only briefly. */
const pendingInstall = async (): Promise<boolean> => {
  const cluster = loadClusters(checkout.root, '127.25').find(({ name }) => name === stack);
  const kubeconfig = cluster && adminKubeconfig(checkout.labDir, cluster);
  if (kubeconfig === undefined || !fs.existsSync(kubeconfig)) return false;
  const api = clientFor(kubeconfig);
  try {
    return (await api.list('/api/v1/secrets', { labelSelector: 'owner=helm,status=pending-install' })).length > 0;
  } catch {
    return false; // The API server is not up yet.
  } finally {
    api.close();
  }
};

// In the order of an up: each run is killed in the next phase.
const phases: [string, () => boolean | Promise<boolean>][] = [
  ['Talos', logged(/platform:index:MachineConfiguration \S+ creating/)],
  ['CRD', logged(/platform:index:CustomResourceDefinitions \S+ creating/)],
  ['core, in the middle of a Helm install', pendingInstall],
  ['handover', logged(/platform:index:Handover \S+ creating/)],
];

const part = campaign(
  phases.map(([phase]) => phase),
  2,
);

for (const [phase, reached] of phases) {
  part(phase)(`up is killed in phase ${phase}`, () => killedWhen(reached), 40 * minute);
}

async function killedWhen(reached: () => boolean | Promise<boolean>): Promise<void> {
  const up = checkout.start('up', ...order);
  let early: string | undefined;
  void up.ended.then(({ code, stderr }) => (early = `up exited with ${code} before the phase was reached:\n${stderr}`));
  await until('the phase is reached', 30 * 60, async () => {
    if (early !== undefined) throw new Error(early);
    return reached();
  });
  up.child.kill('SIGKILL');
  for (const pid of findMarked(checkout.labDir, 'pulumi')) {
    if (commandOf(pid) === 'pulumi') process.kill(pid, 'SIGKILL');
  }
  await up.ended;
}

test('the killed runs wrote no .attrs files, which a kill could leave empty', () => {
  const state = path.join(checkout.labDir, 'pulumi', 'state');
  const files = fs.readdirSync(state, { recursive: true, encoding: 'utf8' });
  expect(files.some((file) => file.endsWith(`${stack}.json`))).toBe(true);
  expect(files.filter((file) => file.endsWith('.attrs'))).toEqual([]);
});

test(
  'the leftovers of the killed runs contain no secrets',
  async () => {
    const { code, stdout, stderr } = await checkout.lab('scan', '--json');
    if (stdout === '') throw new Error(stderr);
    expect(JSON.parse(stdout) as ScanResult).toMatchObject({ hits: [], open: [] });
    expect(code).toBe(0);
  },
  10 * minute,
);

test(
  'the next up completes the handover: one etcd bootstrap, one Helm revision by us',
  async () => {
    const uid = async (): Promise<string | undefined> =>
      (await checkout.get<KubeObject>(stack, 'namespaces')).find(({ metadata }) => metadata.name === 'kube-system')
        ?.metadata.uid;
    const before = await uid();
    const { code, stdout, stderr } = await checkout.lab('up', '--json', ...order);
    if (code !== 0) throw new Error(stderr);
    interrupted = JSON.parse(stdout) as LabResult;
    const cluster = interrupted.clusters[stack];
    expect(cluster?.kustomizations.ready).toBe(cluster?.kustomizations.total);
    // Revision 1 is ours; revision 2 is Flux's adoption.
    const ours = cluster?.releases.filter(({ installedBy }) => installedBy === 'pulumi') ?? [];
    expect(ours.map(({ name }) => name).sort()).toEqual([...coreReleases].sort());
    expect(ours.filter(({ revision }) => revision > 2)).toEqual([]);
    expect(cluster?.secondUp).toEqual({ changes: 0 });
    // A second bootstrap would have created a new, empty cluster.
    expect(await uid()).toBe(before);
  },
  60 * minute,
);

test('without the chart-digest gate, the handover restarts pods, and the lab detects it', () => {
  for (const name of stacks) {
    const recreated = interrupted?.clusters[name]?.pods.recreatedByHandover;
    // The lab may have been killed when it should have recorded the pods before the handover, and says so.
    if (name === stack && recreated === null) continue;
    expect([name, recreated]).toEqual([name, expect.any(Number)]);
    expect([name, recreated]).not.toEqual([name, 0]);
  }
});

describe('secrets of stacks that came up sequentially', () => sharedSecrets(checkout, stacks));

test(
  'the two labs share no address or port, and one goes down without affecting the other',
  async () => {
    expect(Object.keys(interrupted?.clusters ?? {}).sort()).toEqual(stacks);
    for (const { kustomizations } of Object.values(interrupted?.clusters ?? {}))
      expect(kustomizations.ready).toBe(kustomizations.total);
    const [one, two] = [neighbour, checkout].map(({ labDir }) => readState(labDir));
    expect(one?.prefix).not.toBe(two?.prefix);
    const ports = new Set(Object.values(one?.ports ?? {}));
    expect(Object.values(two?.ports ?? {}).filter((port) => ports.has(port))).toEqual([]);
    await checkout.must('down');
    expect(findMarked(checkout.labDir)).toEqual([]);
    expect(findMarked(neighbour.labDir).length).toBeGreaterThan(0);
  },
  5 * minute,
);

test(
  'Ctrl-C while processes are starting leaves none behind',
  async () => {
    await checkout.must('reset');
    const up = checkout.start('up');
    await until('a process is running', 120, () => findMarked(checkout.labDir).length > 0);
    up.child.kill('SIGINT');
    expect((await up.ended).code).toBe(130);
    expect(findMarked(checkout.labDir)).toEqual([]);
  },
  5 * minute,
);

function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
