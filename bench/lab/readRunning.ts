import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { adminClient } from '../../lab/machines/adminClient';
import type { LabCluster, LabContext } from '../../lab/context';
import { readState } from '../../lab/state';
import { savedContext } from '../../lab/up/savedContext';
import { projectName } from '../../cluster/stackFile';
import { finishedEvents, type WatchedObject } from './objectEvents';
import { type Checkpoint, type HistoryEntry, resourceRecords, updatesInHistory } from './pulumiRecords';
import type { ObjectEvent, Recording, ResourceRecord, UpdateRecord } from './recording';
import { CpuAccounts } from './cpuAccounts';
import { ProcessSampler } from './processSampler';
import { watchedKinds } from './watchObjects';

/** What can be read from a finished lab: coarser than watching, without the load of the machine. Changes nothing. */
export async function readRunning(root: string): Promise<Recording> {
  const ctx = savedContext(root);
  const state = readState(ctx.dir);
  const clusters = Object.fromEntries(ctx.clusters.map(({ name, nodes }) => [name, nodes.map((node) => node.name)]));
  const sampler = new ProcessSampler(ctx.dir, clusters, new CpuAccounts());
  sampler.sample();
  const perCluster = async <T>(read: (cluster: LabCluster) => Promise<T> | T): Promise<Record<string, T>> =>
    Object.fromEntries(await Promise.all(ctx.clusters.map(async (one) => [one.name, await read(one)] as const)));
  const updates = await perCluster(({ name }) => readUpdates(ctx, name));
  return {
    format: 1,
    source: 'running',
    startedAt: Date.parse(state?.startedAt ?? ''),
    endedAt: Math.max(...Object.values(updates).flatMap((list) => list.map(({ end }) => end))),
    machine: describeMachine(),
    clusters,
    lines: [],
    updates,
    resources: await perCluster(({ name }) => readResources(ctx, name, new Map())),
    objects: await perCluster((cluster) => readObjects(ctx, cluster)),
    processes: sampler.accounts.records(),
    load: [],
    sampler: { cpuSeconds: 0, samples: 1, intervalMilliseconds: 0 },
  };
}

/** This machine, as far as it explains timings. */
export function describeMachine(): Recording['machine'] {
  return { cores: cpus().length, cpu: cpus()[0]?.model.trim() ?? 'unknown', node: process.version };
}

/** The resources in a stack's state. */
export function readResources(
  ctx: Pick<LabContext, 'dir' | 'root'>,
  cluster: string,
  starts: ReadonlyMap<string, number>,
): ResourceRecord[] {
  const file = join(backendDir(ctx), 'stacks', projectName(ctx.root), `${cluster}.json`);
  return resourceRecords(JSON.parse(readFileSync(file, 'utf8')) as Checkpoint, starts);
}

function readUpdates(ctx: LabContext, cluster: string): UpdateRecord[] {
  const folder = join(backendDir(ctx), 'history', projectName(ctx.root), cluster);
  const files = readdirSync(folder).filter((file) => file.endsWith('.history.json'));
  return updatesInHistory(files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as HistoryEntry));
}

function backendDir(ctx: Pick<LabContext, 'dir'>): string {
  return join(ctx.dir, 'pulumi', 'state', '.pulumi');
}

async function readObjects(ctx: LabContext, cluster: LabCluster): Promise<ObjectEvent[]> {
  const api = adminClient(ctx, cluster);
  if (api === undefined) return [];
  try {
    // The objects of Helm's storage only say when a revision began.
    const lists = watchedKinds
      .filter(({ kind }) => kind !== 'HelmRevision')
      .map(async ({ kind, path, query = {}, metadataOnly = false }) => {
        const objects = metadataOnly
          ? ((await api.listMetadata(path, query)) as WatchedObject[])
          : await api.list<WatchedObject>(path, query);
        return objects.flatMap((object) => finishedEvents(kind, object));
      });
    return (await Promise.all(lists)).flat();
  } finally {
    api.close();
  }
}
