import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import { listStacks } from '../../cluster/stackFile';
import type { LabResult } from '../../lab/up/up';
import { snapshotDir } from '../../lab/snapshot/record';
import { baseCheckout, keepInventories, snapshotName } from './base';
import { handedOver } from './handedOver';
import { inventory } from './inventory';
import { sharedSecrets } from './sharedSecrets';

// A lab from nothing, as for a user: all stacks concurrently, uninterrupted. The other files' tests begin from its snapshot.
const minute = 60_000;
const base = baseCheckout();
const stacks = listStacks(base.root);
let raised: LabResult | undefined;

afterAll(() => base.lab('reset'), 5 * minute);

test(
  'up hands over every cluster, and stdout contains only the result',
  async () => {
    const { code, stdout, stderr } = await base.lab('up', '--json');
    if (code !== 0) throw new Error(stderr);
    raised = JSON.parse(stdout) as LabResult;
    expect(Object.keys(raised.clusters)).toEqual(stacks);
    expect(raised.durationSeconds).toBeGreaterThan(0);
    for (const { kustomizations } of Object.values(raised.clusters))
      expect(kustomizations.ready).toBe(kustomizations.total);
  },
  60 * minute,
);

describe('a lab after the handover', () =>
  handedOver(base, stacks, () => {
    if (raised === undefined) throw new Error('up failed');
    return Promise.resolve(raised);
  }));
describe('secrets of stacks that came up concurrently', () => sharedSecrets(base, stacks));

test(
  'a snapshot is saved with everything stopped, and is readable by its owner only',
  async () => {
    const inventories = await Promise.all(stacks.map((name) => inventory(base, name)));
    const { stdout, stderr, code } = await base.lab('snapshot', 'save', snapshotName);
    if (code !== 0) throw new Error(stderr);
    expect(stdout).toBe(
      `the lab is down; \`npm run lab -- up --from ${snapshotName}\` or \`npm run lab\` starts it again\n`,
    );
    expect(findMarked(base.labDir)).toEqual([]);
    const folder = snapshotDir(base.root, snapshotName);
    for (const place of [path.dirname(folder), folder]) expect(fs.statSync(place).mode & 0o777).toBe(0o700);
    expect(await base.must('snapshot', 'list')).toMatch(new RegExp(`^${snapshotName}  \\S+  ${stacks.join(', ')} at `));
    keepInventories(inventories);
  },
  5 * minute,
);
