import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import type { ScanResult } from '../../lab/scan/scanLab';
import { listStacks } from '../../lab/up/stackFiles';
import type { LabResult } from '../../lab/up/up';
import { coreReleases } from '../../cluster/bootstrapOrder';
import { Checkout, until } from './checkout';

const minute = 60_000;
const checkout = new Checkout('interruption');
const [stack = ''] = listStacks(checkout.root);
const log = path.join(checkout.labDir, 'logs', `pulumi-${stack}.log`);

afterAll(() => checkout.remove(), 5 * minute);

interface KubeObject {
  metadata: { name: string; uid: string };
}

const logged = (pattern: RegExp) => (): boolean => fs.existsSync(log) && pattern.test(fs.readFileSync(log, 'utf8'));

const pendingInstall = async (): Promise<boolean> => {
  const { code, stdout } = await checkout.lab(
    ...['kubectl', '--cluster', stack, 'get', 'secrets', '-A', '-l', 'owner=helm,status=pending-install', '-o', 'name'],
  );
  return code === 0 && stdout.trim() !== '';
};

// In the order of an up: each run is killed in the next phase.
const phases: [string, () => boolean | Promise<boolean>][] = [
  ['Talos', logged(/talos:machine:ConfigurationApply \S+ creating/)],
  ['CRD', logged(/platform:index:CustomResourceDefinitions \S+ creating/)],
  ['core, in the middle of a Helm install', pendingInstall],
  ['handover', logged(/platform:index:Handover \S+ creating/)],
];

test.each(phases)(
  'up is killed in phase %s',
  async (_phase, reached) => {
    const up = checkout.start('up');
    let early: string | undefined;
    void up.ended.then(
      ({ code, stderr }) => (early = `up exited with ${code} before the phase was reached:\n${stderr}`),
    );
    await until('the phase is reached', 30 * 60, async () => {
      if (early !== undefined) throw new Error(early);
      return reached();
    });
    up.child.kill('SIGKILL');
    for (const pid of findMarked(checkout.labDir, 'pulumi')) {
      if (commandOf(pid) === 'pulumi') process.kill(pid, 'SIGKILL');
    }
    await up.ended;
  },
  40 * minute,
);

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
    const { code, stdout, stderr } = await checkout.lab('up', '--json');
    if (code !== 0) throw new Error(stderr);
    const cluster = (JSON.parse(stdout) as LabResult).clusters[stack];
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
