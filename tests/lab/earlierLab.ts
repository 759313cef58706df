import * as fs from 'node:fs';
import { takenEndpoint } from '../../lab/up/choosePrefix';
import { loadClusters } from '../../lab/up/loadClusters';
import { readState } from '../../lab/state';
import { copyBack } from '../../lab/snapshot/restore';
import { readRecord, snapshotContent, snapshotDir } from '../../lab/snapshot/record';
import { currentKey } from '../../lab/snapshot/currentKey';
import { writeSnapshot } from '../../lab/snapshot/writeSnapshot';
import { cacheFolder } from '../../tools/cacheFolder';
import { Checkout } from './checkout';

/** The certificates in it expire after a year. */
const maximumAgeDays = 30;
const day = 86_400_000;

/**
 * A checkout of an earlier commit with its stopped lab, in which a stack of its program is up. The lab depends on that commit only,
 * so it is kept in the cache folder for later runs.
 */
export async function earlierLab(commit: string, bringUp: (checkout: Checkout) => Promise<void>): Promise<Checkout> {
  const checkout = new Checkout('upgrade', { commit });
  const name = `earlier-${commit.slice(0, 12)}`;
  const content = snapshotContent(snapshotDir(cacheFolder(), name));
  const labDir = cachedLab(name);
  if (labDir !== undefined && addressesAreFree(checkout.root, content)) {
    copyBack(content, checkout.labDir, labDir);
    return checkout;
  }
  await bringUp(checkout);
  await checkout.must('down');
  const about = { key: currentKey(checkout.root), commit, repository: '', clusters: [] };
  writeSnapshot(checkout.labDir, snapshotDir(cacheFolder(), name), about);
  return checkout;
}

/** The folder in which the lab in the cache was; undefined if it is missing, damaged or old. */
function cachedLab(name: string): string | undefined {
  if (!fs.existsSync(snapshotDir(cacheFolder(), name))) return undefined;
  try {
    const { takenAt, labDir } = readRecord(cacheFolder(), name);
    return Date.now() - Date.parse(takenAt) < maximumAgeDays * day ? labDir : undefined;
  } catch {
    return undefined;
  }
}

/** Another lab of this user may be running at the addresses of the machines. */
function addressesAreFree(root: string, labDir: string): boolean {
  const prefix = readState(labDir)?.prefix;
  if (prefix === undefined) return false;
  const addresses = loadClusters(root, prefix).flatMap(({ nodes }) => nodes.map(({ address }) => address));
  return takenEndpoint(addresses, prefix) === undefined;
}
