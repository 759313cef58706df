import type { StepSink } from '../../tools/display/steps';
import type { LabCluster, LabContext } from '../context';
import { collectCluster, type ClusterResult } from './collect';
import { recordPods } from './podRecorder';
import { mustPassPreflight } from './preflight';
import { hasResources } from './stackState';
import { clusterStep, firstUpSteps, secondUpSteps } from './stackSteps';
import { createStack, prepareStack, upStack, type UpOutcome } from './stackUp';

/** Options of {@link runStacks}. */
export interface StackOptions {
  /** The commit that Flux must reconcile. */
  commit: string;
  /** Brings the clusters up sequentially in this order, which names each once. Default: all concurrently. */
  order?: readonly string[];
  progress: (line: string) => void;
  step: StepSink;
  signal: AbortSignal;
}

/** The clusters in `--order a,b`. Throws unless it names every cluster of the lab exactly once. */
export function orderOf(text: string, clusters: readonly string[]): string[] {
  const order = text.split(',').map((name) => name.trim());
  if ([...order].sort().join() === [...clusters].sort().join()) return order;
  throw new Error(`--order ${text}: name every cluster once, in the order you want: ${clusters.join(',')}`);
}

/** Creates missing stacks and sets their missing secrets. */
export async function prepareStacks(ctx: LabContext, { progress, step, signal }: StackOptions): Promise<void> {
  step({ id: 'stacks', state: 'running' });
  for (const { name } of ctx.clusters) await createStack(ctx, name, signal);
  await allSucceeded(ctx.clusters.map(({ name }) => prepareStack(ctx, name, progress, signal)));
  step({ id: 'stacks', state: 'done' });
}

/**
 * Runs `preflight` for every stack without resources (after a killed run, machines may be rebooting), then `up` for every
 * stack, then `up` again to verify that nothing changes, then collects the result.
 */
export async function runStacks(ctx: LabContext, options: StackOptions): Promise<Record<string, ClusterResult>> {
  const { progress, step, signal, commit, order } = options;
  const first = (name: string): Promise<UpOutcome> => upStack(ctx, name, firstUpSteps(name, options), signal);
  await prepareStacks(ctx, options);
  const checkIfNew = async ({ name }: LabCluster): Promise<void> => {
    if (!(await hasResources(ctx, name, signal))) await mustPassPreflight(ctx, name, commit, step, signal);
    else step({ ...clusterStep(name, 'preflight'), state: 'skipped' });
  };
  await allSucceeded(ctx.clusters.map(checkIfNew));

  const recording = new AbortController();
  const recorders = ctx.clusters.map((cluster) =>
    recordPods(ctx, cluster, AbortSignal.any([signal, recording.signal])),
  );
  try {
    if (order === undefined) await allSucceeded(ctx.clusters.map(({ name }) => first(name)));
    else for (const name of order) await first(name);
  } finally {
    recording.abort();
    await Promise.all(recorders);
  }
  const second = await allSucceeded(
    ctx.clusters.map(({ name }) => upStack(ctx, name, secondUpSteps(name, options), signal)),
  );
  step({ id: 'result', state: 'running' });
  const results = await allSucceeded(
    ctx.clusters.map((cluster, at) =>
      collectCluster(ctx, cluster, { changes: second[at]?.changes ?? -1 }, progress, signal),
    ),
  );
  step({ id: 'result', state: 'done' });
  const changed = ctx.clusters.filter((_, at) => second[at]?.changes !== 0).map(({ name }) => name);
  if (changed.length > 0) {
    throw new Error(`a second \`pulumi up\` changed resources in ${changed.join(', ')}; see .lab/logs/pulumi-*.log`);
  }
  const resultOf = ({ name }: LabCluster, at: number) => [name, results[at] as ClusterResult] as const;
  return Object.fromEntries(ctx.clusters.map(resultOf));
}

/** Waits for all, so that nothing continues in the background, then throws all failures together. */
async function allSucceeded<T>(work: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  const failures = outcomes.flatMap((o) => (o.status === 'rejected' ? [(o.reason as Error).message] : []));
  if (failures.length > 0) throw new Error([...new Set(failures)].join('\n'));
  return outcomes.map((o) => (o as PromiseFulfilledResult<T>).value);
}
