import * as fs from 'node:fs';
import * as path from 'node:path';
import { snapshotDir, snapshotsDir } from '../../lab/snapshot/record';
import { listStacks } from '../../cluster/stackFile';
import { Checkout } from './checkout';
import { inventory } from './inventory';

/** The snapshot that the tests begin from. */
export const snapshotName = 'handed-over';

/**
 * Environment variable with the folder of the checkout in which a run brings up the lab that it saves. `globalSetup.ts` creates
 * a temporary one, unless the variable is set: with the snapshot in it, a single file runs again without bringing up a lab.
 */
export const baseVariable = 'K8S_GITOPS_TEST_BASE';

/** A new checkout in which the lab is brought up from nothing. */
export function baseCheckout(): Checkout {
  const root = baseRoot();
  for (const entry of fs.readdirSync(root)) fs.rmSync(path.join(root, entry), { recursive: true });
  return new Checkout('base', { root });
}

/** Starts the saved lab in a checkout with the same files. Brings one up and saves it first if only this file is running. */
export async function restored(checkout: Checkout): Promise<void> {
  const root = baseRoot();
  const snapshot = snapshotDir(root, snapshotName);
  if (!fs.existsSync(snapshot)) {
    // Another attempt would take as long and most likely fail in the same way.
    if (fs.readdirSync(root).length > 0) throw new Error('there is no snapshot: tests/lab/fromNothing.test.ts failed');
    const base = baseCheckout();
    await base.must('up');
    keepInventories(await Promise.all(listStacks(base.root).map((stack) => inventory(base, stack))));
    await base.must('snapshot', 'save', snapshotName);
  }
  fs.mkdirSync(snapshotsDir(checkout.root), { mode: 0o700 });
  fs.symlinkSync(snapshot, snapshotDir(checkout.root, snapshotName));
  await checkout.must('up', '--from', snapshotName);
}

/** Keeps the inventory of every stack for the tests of the restored lab. */
export function keepInventories(inventories: string[][]): void {
  fs.mkdirSync(snapshotsDir(baseRoot()), { recursive: true, mode: 0o700 });
  fs.writeFileSync(inventoriesFile(), JSON.stringify(inventories), { mode: 0o600 });
}

/** The inventory of every stack when the lab was saved. */
export function savedInventories(): string[][] {
  return JSON.parse(fs.readFileSync(inventoriesFile(), 'utf8')) as string[][];
}

function inventoriesFile(): string {
  return path.join(snapshotsDir(baseRoot()), 'inventories.json');
}

function baseRoot(): string {
  const root = process.env[baseVariable];
  if (root === undefined) throw new Error(`${baseVariable} is not set; run the tests with jest --selectProjects lab`);
  return root;
}
