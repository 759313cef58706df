import * as fs from 'node:fs';
import * as path from 'node:path';
import { createLabContext, type LabContext, type PluginChoice } from '../context';
import { killMarked } from '../executor/stopPart';
import { pulumiOwner } from '../executor/marker';
import { startParts, stopParts } from '../executor/executor';
import type { StartedPart } from '../executor/startPart';
import { forgetReservations, isListening, listListeners } from '../ports';
import { isAlive } from '../../tools/processIdentity';
import { allParts } from '../parts/allParts';
import { readState, stateFile, writeState, type LabState } from '../state';
import { createAuthority } from '../world/pki';
import { publish } from '../world/publish';
import { checkDefinitions } from './checkDefinitions';
import { choosePrefix, takenEndpoint } from './choosePrefix';
import { collectCluster, type ClusterResult } from './collect';
import { fillVaults } from './fillVault';
import { labSecrets } from './labSecrets';
import { loadClusters } from './loadClusters';
import { reportParts, type PartReport } from './partReport';
import { recordPods } from './podRecorder';
import { prepareTools } from './prepareTools';
import { checkPrerequisites } from './prerequisites';
import { writeProject } from './project';
import { prepareStack, upStack } from './stackUp';

/** How the lab is raised. */
export interface RaiseOptions {
  root: string;
  ha: boolean;
  plugins: PluginChoice;
  progress: (line: string) => void;
  signal: AbortSignal;
}

/** What `up` prints with `--json`. */
export interface LabResult {
  clusters: Record<string, ClusterResult>;
  parts: PartReport[];
  durationSeconds: number;
}

/**
 * Raises the whole lab, or brings an interrupted or running one to its end. An interruption takes down what this run
 * started; a Pulumi failure leaves the lab up to be looked at.
 */
export async function raise(options: RaiseOptions): Promise<LabResult> {
  const { progress, signal } = options;
  const began = Date.now();
  const { ctx, state, save } = await prepare(options).catch((error: unknown) => {
    const dir = path.join(options.root, '.lab');
    if (!fs.existsSync(stateFile(dir))) forgetReservations(dir);
    throw error;
  });

  // A killed run's plugins would go on working on the clusters beside this run's.
  const orphans = await killMarked(ctx.dir, pulumiOwner);
  if (orphans > 0) progress(`stopped ${orphans} process(es) of a Pulumi run that was killed`);
  await createAuthority(ctx.dir);
  progress(`Git: the checkout's files are commit ${publish(ctx).slice(0, 12)}`);
  writeProject(ctx.root, ctx.dir, ctx.clusters);

  const { fresh } = await startParts(allParts(ctx), {
    root: ctx.root,
    labDir: ctx.dir,
    running: state.parts,
    onChange: (parts) => save({ parts }),
    progress,
    signal,
  });
  try {
    await fillVaults(ctx, progress, signal);
    const clusters = await runStacks(ctx, progress, signal);
    return { clusters, parts: reportParts(ctx.dir, state), durationSeconds: Math.round((Date.now() - began) / 1000) };
  } catch (error) {
    if (signal.aborted) await stopFresh(ctx, state, fresh, save, progress);
    throw error;
  }
}

interface Prepared {
  ctx: LabContext;
  state: LabState;
  save: (change: Partial<LabState>) => void;
}

/** Reads and checks everything, and finds or builds the tools: nothing is started yet. */
async function prepare(options: RaiseOptions): Promise<Prepared> {
  const { root, progress, signal } = options;
  const dir = path.join(root, '.lab');
  const before = readState(dir);
  const running = (before?.parts ?? []).filter(isAlive);
  if (before !== undefined && running.length > 0 && (before.ha !== options.ha || before.plugins !== options.plugins)) {
    throw new Error('the running lab was raised with other flags; `npm run lab -- down` first');
  }
  checkPrerequisites(root, options.plugins);
  checkDefinitions(root);
  const addresses = loadClusters(root, '127.25').flatMap(({ nodes }) => nodes.map(({ address }) => address));
  // The machines' state holds their address: a lab keeps its prefix until `reset`.
  const prefix = before?.prefix ?? choosePrefix(addresses, dir);
  const ports = running.length > 0 ? (before?.ports ?? {}) : freePorts(before?.ports ?? {});
  const taken = running.length > 0 ? undefined : takenEndpoint(addresses, prefix);
  if (taken !== undefined) {
    throw new Error(
      `this lab's machines live at ${prefix}.*, and ${taken} is taken; stop what listens there (\`ss -ltnp\`), ` +
        'or `npm run lab -- reset` for a new lab at other addresses',
    );
  }
  const prepared = await prepareTools(progress, signal);
  signal.throwIfAborted();
  const clusters = loadClusters(root, prefix);
  const state: LabState = {
    format: 1,
    prefix,
    ports,
    ha: options.ha,
    plugins: options.plugins,
    startedAt: before?.startedAt ?? new Date().toISOString(),
    clusters: clusters.map(({ name }) => name),
    parts: before?.parts ?? [],
    tools: prepared.tools,
  };
  const save = (change: Partial<LabState>): void => {
    Object.assign(state, change);
    writeState(dir, state);
  };
  save({});
  const ctx = createLabContext({
    root,
    prefix,
    ports: state.ports,
    tools: prepared.tools,
    clusters,
    secrets: labSecrets(dir),
    ha: options.ha,
    plugins: options.plugins,
    moduleDir: prepared.moduleDir,
    onPort: (ports) => save({ ports }),
  });
  return { ctx, state, save };
}

/** Ports of an earlier run of this lab that are still free; the others are chosen anew. */
function freePorts(ports: Record<string, number>): Record<string, number> {
  const listeners = listListeners();
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => !isListening('127.0.0.1', port, listeners)));
}

/** `up` of every stack at once, then again to see that nothing changes, then the result. */
async function runStacks(
  ctx: LabContext,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Record<string, ClusterResult>> {
  for (const { name } of ctx.clusters) await prepareStack(ctx, name, progress, signal);
  const recording = new AbortController();
  const recorders = ctx.clusters.map((cluster) =>
    recordPods(ctx, cluster, AbortSignal.any([signal, recording.signal])),
  );
  try {
    await inParallel(ctx.clusters.map(({ name }) => upStack(ctx, name, progress, signal)));
  } finally {
    recording.abort();
    await Promise.all(recorders);
  }
  const second = await inParallel(ctx.clusters.map(({ name }) => upStack(ctx, name, progress, signal)));
  const results = await inParallel(
    ctx.clusters.map((cluster, at) => collectCluster(ctx, cluster, { changes: second[at]?.changes ?? -1 }, signal)),
  );
  const restless = ctx.clusters.filter((_, at) => second[at]?.changes !== 0).map(({ name }) => name);
  if (restless.length > 0) {
    throw new Error(`a second \`pulumi up\` changed resources in ${restless.join(', ')}; see .lab/logs/pulumi-*.log`);
  }
  return Object.fromEntries(ctx.clusters.map(({ name }, at) => [name, results[at] as ClusterResult]));
}

/** Waits for all, so that nothing goes on in the background, then reports every failure together. */
async function inParallel<T>(work: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  const failures = outcomes.flatMap((o) => (o.status === 'rejected' ? [(o.reason as Error).message] : []));
  if (failures.length > 0) throw new Error([...new Set(failures)].join('\n'));
  return outcomes.map((o) => (o as PromiseFulfilledResult<T>).value);
}

async function stopFresh(
  ctx: LabContext,
  state: LabState,
  fresh: readonly StartedPart[],
  save: (change: Partial<LabState>) => void,
  progress: (line: string) => void,
): Promise<void> {
  progress('interrupted: taking down what this run started');
  await stopParts(fresh, {
    labDir: ctx.dir,
    progress,
    onStopped: (name) => save({ parts: state.parts.filter((part) => part.name !== name) }),
  });
}
