import * as fs from 'node:fs';
import * as path from 'node:path';
import { createLabContext, type LabContext, type PluginChoice } from '../context';
import { killMarked } from '../executor/stopProcess';
import { pulumiOwner } from '../executor/marker';
import { startProcesses, stopProcesses } from '../executor/executor';
import type { StartedProcess } from '../executor/startProcess';
import { forgetReservations, isListening, listListeners } from '../ports';
import type { StepSink } from '../../tools/display/steps';
import { isAlive } from '../../tools/processIdentity';
import type { ToolMode } from '../../tools/toolOptions';
import { toolsStep } from '../../tools/toolSteps';
import { allProcesses } from '../executor/allProcesses';
import { readState, stateFile, writeState, type LabState } from '../state';
import { labDialOverrides } from '../services/networkServices';
import { createAuthority } from '../services/proxy/pki';
import { publish } from '../services/git/publish';
import { checkDefinitions } from './checkDefinitions';
import { choosePrefix, takenEndpoint } from './choosePrefix';
import type { ClusterResult } from './collect';
import { fillVaults } from './fillVault';
import { labSecrets, vaultsOf } from './labSecrets';
import { loadClusters } from './loadClusters';
import { reportProcesses, type ProcessReport } from './processReport';
import { prepareTools } from './prepareTools';
import { checkPrerequisites } from './prerequisites';
import { writeProject } from './project';
import { orderOf, prepareStacks, runStacks } from './runStacks';
import { awaitRestored } from '../snapshot/awaitRestored';
import type { SnapshotRecord } from '../snapshot/record';
import { plannedSteps } from './stackSteps';

/** Options of {@link labUp}. */
export interface UpOptions {
  root: string;
  ha: boolean;
  /** Whether the clusters can be upgraded to the next Kubernetes release. */
  upgrades?: boolean;
  plugins: PluginChoice;
  /** Start only machines and services, and prepare stacks and vault; no `pulumi up`. */
  services?: boolean;
  /** Comma-separated clusters to bring up sequentially. Default: all concurrently. */
  order?: string;
  /** Where tools may come from. Default: anywhere. */
  tools?: ToolMode;
  /** The snapshot that has just been restored: only start it and check that it is as it was saved. */
  restored?: SnapshotRecord;
  progress: (line: string) => void;
  step: StepSink;
  signal: AbortSignal;
}

/** What `up` prints with `--json`. */
export interface LabResult {
  clusters: Record<string, ClusterResult>;
  processes: ProcessReport[];
  durationSeconds: number;
}

/**
 * Starts the whole lab, or completes an interrupted or running one. An interruption takes down what this run started; a
 * Pulumi failure leaves the lab running for inspection.
 */
export async function labUp(options: UpOptions): Promise<LabResult> {
  const { restored, progress, step, signal } = options;
  const startedAt = Date.now();
  const { ctx, state, save, order } = await prepare(options).catch((error: unknown) => {
    const dir = path.join(options.root, '.lab');
    if (!fs.existsSync(stateFile(dir))) forgetReservations(dir);
    throw error;
  });

  // Plugins of a killed run would keep changing the clusters, concurrently with this run's.
  const orphans = await killMarked(ctx.dir, pulumiOwner);
  if (orphans > 0) progress(`stopped ${orphans} process(es) of a Pulumi run that was killed`);
  await createAuthority(ctx.dir);
  const commit = restored?.commit ?? publish(ctx);
  save({ commit });
  if (restored === undefined) progress(`Git: published the checkout's files as commit ${commit.slice(0, 12)}`);
  writeProject(ctx.root, ctx.dir, ctx.clusters, (cluster) => labDialOverrides(cluster, ctx));

  const processes = allProcesses(ctx);
  const count = countingStep(step, 'services', processes.length);
  const { fresh } = await startProcesses(processes, {
    root: ctx.root,
    labDir: ctx.dir,
    running: state.parts,
    onChange: (parts) => save({ parts }),
    progress,
    onReady: count,
    signal,
  });
  step({ id: 'services', state: 'done', detail: `${processes.length} processes` });
  const result = (clusters: LabResult['clusters']): LabResult => ({
    clusters,
    processes: reportProcesses(ctx.dir, state),
    durationSeconds: Math.round((Date.now() - startedAt) / 1000),
  });
  try {
    if (restored !== undefined) {
      step({ id: 'result', state: 'running' });
      await awaitRestored(ctx, restored, signal);
      step({ id: 'result', state: 'done' });
      return result({});
    }
    await fillVaults(ctx, progress, signal);
    const stackOptions = { commit, order, progress, step, signal };
    if (options.services === true) await prepareStacks(ctx, stackOptions);
    return result(options.services === true ? {} : await runStacks(ctx, stackOptions));
  } catch (error) {
    if (signal.aborted) await stopFresh(ctx, state, fresh, save, progress);
    throw error;
  }
}

interface Prepared {
  ctx: LabContext;
  state: LabState;
  save: (change: Partial<LabState>) => void;
  order: string[] | undefined;
}

/** Reads and checks everything, and finds, downloads or builds the tools. Starts nothing yet. */
async function prepare(options: UpOptions): Promise<Prepared> {
  const { root, progress, step, signal } = options;
  const dir = path.join(root, '.lab');
  const before = readState(dir);
  const running = (before?.parts ?? []).filter(isAlive);
  if (before !== undefined && running.length > 0 && (before.ha !== options.ha || before.plugins !== options.plugins)) {
    throw new Error('the running lab was started with other flags; run `npm run lab -- down` first');
  }
  checkPrerequisites(root, options.plugins, options.tools);
  // A snapshot fits only the definitions that it was taken with.
  if (options.restored === undefined) checkDefinitions(root);
  const known = loadClusters(root, '127.25');
  const names = known.map(({ name }) => name);
  const order = options.order === undefined ? undefined : orderOf(options.order, names);
  const addresses = known.flatMap(({ nodes }) => nodes.map(({ address }) => address));
  // The machines' state contains their addresses: a lab keeps its prefix until `reset`.
  const prefix = before?.prefix ?? choosePrefix(addresses, dir);
  const ports = running.length > 0 ? (before?.ports ?? {}) : freePorts(before?.ports ?? {});
  const taken = running.length > 0 ? undefined : takenEndpoint(addresses, prefix);
  if (taken !== undefined) {
    throw new Error(
      `this lab's machines are at ${prefix}.*, but ${taken} is in use; stop the process that listens there ` +
        '(`ss -ltnp`), or run `npm run lab -- reset` for a new lab at other addresses',
    );
  }
  const stacks = options.restored === undefined ? [{ id: 'stacks' }, ...names.flatMap(plannedSteps)] : [];
  const later = options.services === true ? [{ id: 'stacks' }] : [...stacks, { id: 'result' }];
  for (const planned of [{ id: toolsStep }, { id: 'services' }, ...later]) step(planned);
  // A lab that could once upgrade its clusters may have done so.
  const upgrades = options.upgrades === true || before?.tools['kube-apiserver-next'] !== undefined;
  const prepared = await prepareTools({ tools: options.tools, upgrades }, { progress, step }, signal);
  signal.throwIfAborted();
  const clusters = loadClusters(root, prefix);
  const state: LabState = {
    format: 2,
    prefix,
    ports,
    ha: options.ha,
    plugins: options.plugins,
    startedAt: before?.startedAt ?? new Date().toISOString(),
    clusters: clusters.map(({ name }) => name),
    parts: before?.parts ?? [],
    tools: prepared.tools,
    commit: before?.commit,
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
    secrets: labSecrets(dir, vaultsOf(clusters)),
    ha: options.ha,
    plugins: options.plugins,
    moduleDir: prepared.moduleDir,
    onPort: (ports) => save({ ports }),
  });
  return { ctx, state, save, order };
}

/** Ports of an earlier run of this lab that are still free; the lab chooses new ones for the others. */
function freePorts(ports: Record<string, number>): Record<string, number> {
  const listeners = listListeners();
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => !isListening('127.0.0.1', port, listeners)));
}

/** A callback that counts the lines it is called with, as the amount of a running step. */
function countingStep(step: StepSink, id: string, total: number): (line: string) => void {
  let done = 0;
  step({ id, state: 'running', amount: { done, total, unit: 'items' } });
  return (line) => step({ id, detail: line, note: line, amount: { done: ++done, total, unit: 'items' } });
}

async function stopFresh(
  ctx: LabContext,
  state: LabState,
  fresh: readonly StartedProcess[],
  save: (change: Partial<LabState>) => void,
  progress: (line: string) => void,
): Promise<void> {
  progress('interrupted: taking down what this run started');
  await stopProcesses(fresh, {
    labDir: ctx.dir,
    progress,
    onStopped: (name) => save({ parts: state.parts.filter((started) => started.name !== name) }),
  });
}
