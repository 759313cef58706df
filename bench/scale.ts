import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import execa from 'execa';
import { clusterNames, generatedClusters } from './generatedClusters';
import { listStacks } from '../cluster/stackFile';
import { generatedEntry, generatedTree } from './generatedTree';
import { watchMemory } from './peakMemory';
import type { BenchResult, Figure } from './result';
import { logLogSlope } from './slope';
import { median } from './timed';

const ownRoot = resolve(__dirname, '..');
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** The highest exponent that still counts as linear: less than 2.3 times the cost for twice the size. */
const targetSlope = 1.2;

/** Cost at one size: medians of the runs. */
interface Cost {
  size: number;
  seconds: number;
  mebibytes: number;
  /** Of the program: resources that it registers. */
  resources?: number;
}

interface Curve {
  /** What grows, and what is measured. */
  name: string;
  costs: Cost[];
}

/**
 * Measures how definition and program grow with nodes and clusters, and validate with Kustomizations. `--small` measures
 * the two smallest sizes of each curve, to try the benchmark out.
 */
export async function benchScale(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string' }, small: { type: 'boolean' } } });
  const runs = Number(values.runs ?? 3);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be an integer of at least 1');
  const sizes = (all: number[]): number[] => (values.small ? all.slice(0, 2) : all);
  const curves: Curve[] = [];
  const measure = async (name: string, at: number[], run: (size: number) => Promise<Omit<Cost, 'size'>>) => {
    const costs: Cost[] = [];
    for (const size of sizes(at)) {
      const all: Omit<Cost, 'size'>[] = [];
      for (let each = 0; each < runs; each += 1) all.push(await run(size));
      const cost = {
        ...all[0],
        size,
        seconds: median(all.map(({ seconds }) => seconds)),
        mebibytes: median(all.map(({ mebibytes }) => mebibytes)),
      };
      log(`bench: ${name} at ${size}: ${cost.seconds} s, ${cost.mebibytes} MiB`);
      costs.push(cost);
    }
    curves.push({ name, costs });
  };
  await measure('definition by nodes', [3, 30, 300], (nodes) => inRepository({ clusters: 2, nodes }, worker('define')));
  await measure('definition by clusters', [2, 10, 50], (clusters) =>
    inRepository({ clusters, nodes: 3 }, worker('define')),
  );
  await measure('program by nodes', [3, 30, 300], (nodes) => inRepository({ clusters: 2, nodes }, worker('preview')));
  await measure('program by clusters', [2, 10, 50], (clusters) =>
    inRepository({ clusters, nodes: 3 }, worker('preview')),
  );
  await measure('validate by Kustomizations', [100, 200, 500, 1000, 2000], (apps) => inTree(apps, validate));
  return { runs, curves, figures: curves.flatMap(figuresOf) };
}

/** The slopes of a curve's time and memory, and its largest time. Memory has no target: most of it is the runtime's own. */
function figuresOf({ name, costs }: Curve): Figure[] {
  const last = costs.at(-1);
  return [
    { name: `${name}, slope of time`, value: slope(costs, 'seconds'), unit: '', target: targetSlope },
    { name: `${name}, slope of memory`, value: slope(costs, 'mebibytes'), unit: '', target: targetSlope },
    { name: `${name}, time at ${last?.size}`, value: last?.seconds ?? NaN, unit: 's' },
    { name: `${name}, memory at ${last?.size}`, value: last?.mebibytes ?? NaN, unit: 'MiB' },
  ];
}

const slope = (costs: readonly Cost[], of: 'seconds' | 'mebibytes'): number =>
  logLogSlope(costs.map((cost) => ({ size: cost.size, value: cost[of] })));

/** Runs something in a new folder with these files, and deletes it. */
async function inFolder<T>(files: Record<string, string>, run: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-scale-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await run(root);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** A copy of this repository's manifests with generated clusters in place of its own. */
function inRepository<T>(
  counts: { clusters: number; nodes: number },
  run: (root: string, stack: string) => Promise<T>,
): Promise<T> {
  const read = (path: string): string => readFileSync(join(ownRoot, path), 'utf8');
  const [own = ''] = listStacks(ownRoot);
  const sample = {
    settings: read(`kubernetes/clusters/${own}/cluster-settings.yaml`),
    stack: read(`Pulumi.${own}.yaml`),
  };
  return inFolder(generatedClusters(counts, sample), (root) => {
    for (const part of ['systems', 'infrastructure', 'workloads', 'components'])
      cpSync(join(ownRoot, 'kubernetes', part), join(root, 'kubernetes', part), { recursive: true });
    const list = read(`kubernetes/clusters/${own}/kustomization.yaml`);
    for (const name of clusterNames(counts.clusters))
      writeFileSync(join(root, 'kubernetes/clusters', name, 'kustomization.yaml'), list);
    return run(root, 'c0');
  });
}

const worker =
  (what: 'define' | 'preview') =>
  async (root: string, stack: string): Promise<Omit<Cost, 'size'>> => {
    const args = ['--import', 'tsx', join(__dirname, 'scaleWorker.ts'), what, root, stack];
    const { stdout } = await execa(process.execPath, args, { cwd: ownRoot });
    return JSON.parse(stdout) as Omit<Cost, 'size'>;
  };

const inTree = <T>(apps: number, run: (root: string) => Promise<T>): Promise<T> => inFolder(generatedTree(apps), run);

/** One cold run of validate as a process. */
async function validate(root: string): Promise<Omit<Cost, 'size'>> {
  const start = process.hrtime.bigint();
  const args = [join(ownRoot, 'bin/validate'), '--root', root, '--entry', generatedEntry, '--no-cache'];
  const child = execa(process.execPath, args, { reject: false });
  const memory = watchMemory(child.pid ?? 0);
  const { exitCode, stdout, stderr } = await child;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const mebibytes = memory.stop();
  if (exitCode !== 0)
    throw new Error(`validate of a generated tree exited with ${exitCode}:\n${stdout.slice(0, 2000)}${stderr}`);
  return { seconds, mebibytes };
}
