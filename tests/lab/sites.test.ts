import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import type { AnswersInput } from '../../cli/init/answers';
import { stackFileName } from '../../cluster/names';
import { listStacks } from '../../cluster/stackFile';
import { clusterFolder, readClusterSettings } from '../../gitops/clusterSettings';
import { findMarked } from '../../lab/executor/marker';
import type { LabResult } from '../../lab/up/up';
import { sites } from '../sites/sites';
import { restored } from './base';
import { campaign } from './campaign';
import { Checkout } from './checkout';

const minute = 60_000;

/** Writes a site's files by `npm run init`. */
function init(checkout: Checkout, answers: AnswersInput): void {
  const file = path.join(checkout.root, '.answers.yaml');
  fs.writeFileSync(file, stringify(answers));
  execFileSync(process.execPath, ['bin/run.js', 'cli/init.ts', '--answers', file], { cwd: checkout.root });
  fs.rmSync(file);
}

const raised = async (checkout: Checkout): Promise<LabResult> => {
  const result = JSON.parse(await checkout.must('up', '--json')) as LabResult;
  for (const { kustomizations } of Object.values(result.clusters))
    expect(kustomizations.ready).toBe(kustomizations.total);
  return result;
};

describe('a site with nothing optional, on one node', () => {
  const checkout = new Checkout('site');
  afterAll(() => checkout.remove(), 5 * minute);

  test(
    'comes up to the handover, and the second up changes nothing',
    async () => {
      const [site] = sites.filter(({ name }) => name === 'nothing optional');
      init(checkout, site!.answers);
      const { clusters, durationSeconds } = await raised(checkout);
      expect(Object.keys(clusters)).toEqual(['home']);
      expect(clusters['home']?.secondUp).toEqual({ changes: 0 });
      const { ready } = clusters['home']?.kustomizations ?? {};
      process.stdout.write(`one node, nothing optional: ${ready} Kustomizations after ${durationSeconds} s\n`);
    },
    40 * minute,
  );
});

// Three clusters are much for a small machine: only in the full campaign.
const part = campaign(['one cluster more'], 0)('one cluster more');

describe('one cluster more, in a restored lab', () => {
  let checkout: Checkout;
  let before: string[];
  const added = 'added';
  beforeAll(async () => {
    checkout = new Checkout('more');
    before = listStacks(checkout.root);
    await restored(checkout);
  }, 60 * minute);
  afterAll(() => (checkout as Checkout | undefined)?.remove(), 5 * minute);

  part(
    'is three new files; the others change nothing',
    async () => {
      const { values } = readClusterSettings(checkout.root, before[0] ?? '');
      const setting = (key: string): string => values[key] ?? '';
      init(checkout, {
        git: { url: setting('GIT_URL'), branch: setting('GIT_BRANCH') },
        onePassword: { host: setting('ONEPASSWORD_CONNECT_HOST'), vault: setting('ONEPASSWORD_VAULT') },
        clusters: [
          {
            name: added,
            nodes: [{ name: `${added}-01`, address: '192.168.77.11' }],
            installDisk: '/dev/nvme0n1',
            network: { nodes: '192.168.77.0/24' },
            api: { name: 'added.home.example' },
            systems: ['core'],
          },
        ],
      });
      const { clusters, durationSeconds } = await raised(checkout);
      expect(Object.keys(clusters).sort()).toEqual([...before, added].sort());
      for (const { secondUp } of Object.values(clusters)) expect(secondUp).toEqual({ changes: 0 });
      process.stdout.write(`a third cluster: three files, ${durationSeconds} s\n`);
    },
    40 * minute,
  );

  part(
    'is removed by destroying its stack and deleting its files; the others change nothing',
    async () => {
      await checkout.must('pulumi', 'destroy', '--yes', '--skip-preview', '--stack', added);
      fs.rmSync(path.join(checkout.root, stackFileName(added)));
      fs.rmSync(path.join(checkout.root, clusterFolder(added)), { recursive: true });
      const { clusters } = await raised(checkout);
      expect(Object.keys(clusters)).toEqual(before);
      for (const { secondUp } of Object.values(clusters)) expect(secondUp).toEqual({ changes: 0 });
      const machine = path.join(checkout.labDir, 'machines', `${added}-01`);
      expect(findMarked(checkout.labDir, machine)).toEqual([]);
    },
    40 * minute,
  );
});
