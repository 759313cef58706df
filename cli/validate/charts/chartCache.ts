import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ChartAddress } from './release';

/** Unpacks a chart into an empty folder and returns its digest, `sha256:…`. */
export type PullChart = (chart: ChartAddress, into: string) => Promise<string>;

/**
 * The folder of an unpacked chart. Charts are kept by their digest; which digest a version had is written down when it is
 * pulled, and holds from then on: registries and Flux take a published version as final.
 * @throws Error if it cannot be pulled, or if Git pins another digest than the version has
 */
export async function cachedChart(all: string, chart: ChartAddress, pull: PullChart): Promise<string> {
  const record = join(all, 'versions', `${keyOf(chart)}.json`);
  const known = chart.digest ?? recorded(record);
  const ready = known === undefined ? undefined : chartIn(folderOf(all, known));
  if (ready !== undefined) return ready;
  mkdirSync(join(all, 'versions'), { recursive: true });
  const scratch = mkdtempSync(join(all, 'unfinished-'));
  try {
    const digest = await pull(chart, scratch);
    if (chart.digest !== undefined && digest !== chart.digest)
      throw new Error(`Git pins ${chart.digest}, but the registry has ${digest}; correct the digest or the version`);
    const target = folderOf(all, digest);
    // Two runs may pull the same chart; the first one wins.
    if (!existsSync(target)) renameSync(scratch, target);
    writeFileSync(record, JSON.stringify({ url: chart.url, name: chart.name, version: chart.version, digest }));
    const folder = chartIn(target);
    if (folder === undefined) throw new Error('the package contains no folder');
    return folder;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function keyOf({ url, name, version }: ChartAddress): string {
  return createHash('sha256')
    .update(JSON.stringify([url, ...(name === undefined ? [] : [name]), version]))
    .digest('hex')
    .slice(0, 16);
}

function folderOf(all: string, digest: string): string {
  return join(all, digest.replace(':', '-'));
}

function recorded(file: string): string | undefined {
  try {
    const { digest } = JSON.parse(readFileSync(file, 'utf8')) as { digest?: unknown };
    return typeof digest === 'string' ? digest : undefined;
  } catch {
    return undefined;
  }
}

function chartIn(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const found = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory());
  return found === undefined ? undefined : join(folder, found.name);
}
