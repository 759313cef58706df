import type { LabCluster, LabContext } from '../context';
import { collectCluster, type ClusterResult } from './collect';
import { recordPods } from './podRecorder';
import { mustPassPreflight } from './preflight';
import { isBegun } from './stackState';
import { prepareStack, upStack } from './stackUp';

/** How {@link runStacks} tells and is told. */
export interface StackOptions {
  /** The commit that Flux is to find. */
  commit: string;
  /** Every cluster once: one is raised after the other. Absent: all at once. */
  order?: readonly string[];
  progress: (line: string) => void;
  signal: AbortSignal;
}

/** The clusters that `--order a,b` names. Throws unless each of the lab's is in it once. */
export function orderOf(text: string, clusters: readonly string[]): string[] {
  const order = text.split(',').map((name) => name.trim());
  if ([...order].sort().join() === [...clusters].sort().join()) return order;
  throw new Error(`--order ${text}: name every cluster once, in the order you want: ${clusters.join(',')}`);
}

/** Makes the stacks and their secrets where they are not there. */
export async function prepareStacks(ctx: LabContext, { progress, signal }: StackOptions): Promise<void> {
  for (const { name } of ctx.clusters) await prepareStack(ctx, name, progress, signal);
}

/**
 * `preflight` of every stack that has made nothing yet (a killed run's machines may be in the middle of a reboot), then
 * `up` of every stack, then again to see that nothing changes, then the result.
 */
export async function runStacks(ctx: LabContext, options: StackOptions): Promise<Record<string, ClusterResult>> {
  const { progress, signal, commit, order } = options;
  await prepareStacks(ctx, options);
  const fresh: string[] = [];
  for (const { name } of ctx.clusters) {
    if (!(await isBegun(ctx, name, signal))) fresh.push(name);
  }
  await inParallel(fresh.map((name) => mustPassPreflight(ctx, name, commit, progress, signal)));

  const recording = new AbortController();
  const recorders = ctx.clusters.map((cluster) =>
    recordPods(ctx, cluster, AbortSignal.any([signal, recording.signal])),
  );
  try {
    if (order === undefined) await inParallel(ctx.clusters.map(({ name }) => upStack(ctx, name, progress, signal)));
    else for (const name of order) await upStack(ctx, name, progress, signal);
  } finally {
    recording.abort();
    await Promise.all(recorders);
  }
  const second = await inParallel(ctx.clusters.map(({ name }) => upStack(ctx, name, progress, signal)));
  const results = await inParallel(
    ctx.clusters.map((cluster, at) =>
      collectCluster(ctx, cluster, { changes: second[at]?.changes ?? -1 }, progress, signal),
    ),
  );
  const restless = ctx.clusters.filter((_, at) => second[at]?.changes !== 0).map(({ name }) => name);
  if (restless.length > 0) {
    throw new Error(`a second \`pulumi up\` changed resources in ${restless.join(', ')}; see .lab/logs/pulumi-*.log`);
  }
  const resultOf = ({ name }: LabCluster, at: number) => [name, results[at] as ClusterResult] as const;
  return Object.fromEntries(ctx.clusters.map(resultOf));
}

/** Waits for all, so that nothing goes on in the background, then reports every failure together. */
async function inParallel<T>(work: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  const failures = outcomes.flatMap((o) => (o.status === 'rejected' ? [(o.reason as Error).message] : []));
  if (failures.length > 0) throw new Error([...new Set(failures)].join('\n'));
  return outcomes.map((o) => (o as PromiseFulfilledResult<T>).value);
}
