import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import type { LabCluster, LabContext } from '../context';
import { readJson, writePrivate } from '../files';
import { adminClient } from '../machines/adminClient';

/** Identifies a pod, to detect whether it was replaced. */
export interface PodIdentity {
  uid: string;
  namespace: string;
  name: string;
}

interface Pod {
  metadata: { uid: string; namespace: string; name: string; ownerReferences?: { kind: string }[] };
}

const intervalMilliseconds = 1000;

interface PodRecord {
  /** Flux had already adopted a release (the `up` that should have recorded was killed), so the list proves nothing. */
  late: boolean;
  pods: PodIdentity[];
}

/**
 * Records the pods that are running just before Flux adopts releases: flux-instance, the last release that Pulumi installs,
 * is in Helm's storage and no HelmRelease has been reconciled. Waits for that moment, writes the list, and returns. Does
 * nothing if an earlier run wrote it.
 */
export async function recordPods(ctx: LabContext, cluster: LabCluster, signal: AbortSignal): Promise<void> {
  const file = recordFile(ctx, cluster);
  while (!fs.existsSync(file) && !signal.aborted) {
    const api = adminClient(ctx, cluster);
    try {
      if (api !== undefined && (await isInstalled(api))) {
        const record: PodRecord = { pods: await listPods(api), late: await hasAdopted(api) };
        writePrivate(file, `${JSON.stringify(record, undefined, 2)}\n`);
        return;
      }
    } catch {
      // The API server is not up yet: retry.
    } finally {
      api?.close();
    }
    await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * How many pods recorded by {@link recordPods} no longer exist: each was replaced (or lost) at or after the handover. Null if
 * the pods before the handover were not recorded.
 */
export async function countRecreatedPods(
  ctx: LabContext,
  cluster: LabCluster,
  api: KubernetesClient,
): Promise<number | null> {
  const record = readJson<PodRecord>(recordFile(ctx, cluster));
  if (record === undefined || record.late) return null;
  const now = new Set((await listPods(api)).map(({ uid }) => uid));
  return record.pods.filter(({ uid }) => !now.has(uid)).length;
}

function recordFile(ctx: LabContext, cluster: LabCluster): string {
  return ctx.path('clusters', cluster.name, 'pods-before-handover.json');
}

async function isInstalled(api: KubernetesClient): Promise<boolean> {
  const query = { labelSelector: 'owner=helm,name=flux-instance' };
  return (await api.list('/api/v1/namespaces/flux-system/secrets', query)).length > 0;
}

async function hasAdopted(api: KubernetesClient): Promise<boolean> {
  const path = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';
  const releases = await api.list<{ status?: { history?: unknown[] } }>(path);
  return releases.some(({ status }) => (status?.history ?? []).length > 0);
}

/** All pods except those of Jobs, which finish on their own. */
async function listPods(api: KubernetesClient): Promise<PodIdentity[]> {
  const pods = await api.list<Pod>('/api/v1/pods');
  return pods
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'Job'))
    .map(({ metadata: { uid, namespace, name } }) => ({ uid, namespace, name }));
}
