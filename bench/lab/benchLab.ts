import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listStacks } from '../../cluster/stackFile';
import { copyTree } from '../treeCopy';
import { readRunning } from './readRunning';
import type { Recording } from './recording';
import { recordUp } from './recordUp';
import { renderSvg } from './svg';
import { buildTimeline, type Timeline } from './timeline';

const ownRoot = resolve(__dirname, '..', '..');
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** What one lab showed, without the long lists that are in the files. */
export interface LabSummary {
  seconds: number;
  load: Timeline['load'];
  sampler: Timeline['sampler'];
  cpu: Timeline['cpu'];
  clusters: Record<string, Omit<Timeline['clusters'][string], 'spans'>>;
  /** Paths of what was written. */
  files: string[];
}

/**
 * `bench -- lab`: brings up a lab from nothing in a copy of this tree, draws a timeline per cluster, and deletes the lab.
 *
 * - `--clusters a,b`: only these clusters; default: all
 * - `--alone <cluster>`: afterwards this cluster alone in a second lab, and the ratio
 * - `--from-running`: reads the lab of the checkout `--root` (default: this one) instead
 * - `--from <recording.json>`: draws an earlier run again
 * - `--out <folder>`: where the files go; default: a new temporary folder
 */
export async function benchLab(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      clusters: { type: 'string' },
      alone: { type: 'string' },
      'from-running': { type: 'boolean' },
      from: { type: 'string' },
      root: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const root = resolve(values.root ?? ownRoot);
  const known = listStacks(root);
  const clusters = values.clusters === undefined ? known : chosen('--clusters', values.clusters.split(','), known);
  const [alone] = values.alone === undefined ? [] : chosen('--alone', [values.alone], known);
  const out = values.out === undefined ? mkdtempSync(join(tmpdir(), 'k8s-gitops-timeline-')) : resolve(values.out);
  mkdirSync(out, { recursive: true });
  if (values.from !== undefined) {
    return write(out, JSON.parse(readFileSync(resolve(values.from), 'utf8')) as Recording);
  }
  if (values['from-running'] === true) return write(out, await readRunning(root));
  const together = write(out, await recordInCopy(root, clusters));
  if (alone === undefined) return together;
  const single = write(join(out, `alone-${alone}`), await recordInCopy(root, [alone]));
  return { together, alone: single, ratio: Math.round((together.seconds / single.seconds) * 100) / 100 };
}

function chosen(option: string, names: readonly string[], known: readonly string[]): string[] {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known.filter((name) => names.includes(name));
  throw new Error(`${option}: found ${unknown.join(', ')}, expected clusters of this checkout: ${known.join(', ')}`);
}

/** Brings up a lab with these clusters in a copy of the tree, so that a lab of the checkout stays as it is. */
async function recordInCopy(root: string, clusters: readonly string[]): Promise<Recording> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'k8s-gitops-bench-')));
  const copy = join(folder, 'tree');
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    copyTree(root, copy, ['.']);
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const stack of listStacks(copy)) {
      if (!clusters.includes(stack)) rmSync(join(copy, `Pulumi.${stack}.yaml`));
    }
    log(`bench: lab up with ${clusters.join(', ')} in ${copy}`);
    return await recordUp(copy, log, abort.signal);
  } finally {
    await reset(copy);
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    rmSync(folder, { recursive: true, force: true });
  }
}

function reset(copy: string): Promise<void> {
  const command = ['--import', 'tsx', join(copy, 'lab', 'cli.ts'), 'reset'];
  const child = spawn(process.execPath, command, { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((done) => {
    child.on('error', (error) => {
      log(`bench: lab reset: ${error.message}`);
      done();
    });
    child.on('close', () => done());
  });
}

/** Writes `recording.json`, `timeline.json` and `<cluster>.svg`. */
function write(out: string, recording: Recording): LabSummary {
  mkdirSync(out, { recursive: true });
  const timeline = buildTimeline(recording);
  const files: [string, string][] = [
    ['recording.json', `${JSON.stringify(recording)}\n`],
    ['timeline.json', `${JSON.stringify(timeline, undefined, 1)}\n`],
    ...Object.keys(timeline.clusters).map((name): [string, string] => [`${name}.svg`, renderSvg(timeline, name)]),
  ];
  const paths = files.map(([name, content]) => {
    writeFileSync(join(out, name), content);
    return join(out, name);
  });
  const clusters = Object.entries(timeline.clusters).map(([name, { spans: _, ...rest }]) => [name, rest] as const);
  const { seconds, load, sampler, cpu } = timeline;
  return { seconds, load, sampler, cpu, clusters: Object.fromEntries(clusters), files: paths };
}
