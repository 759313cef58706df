import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeApi } from '../agent/kubeApi';
import { parseKubeconfig } from '../agent/kubeconfig';
import type { LabCluster, LabContext } from '../context';
import { readJson, writePrivate } from '../files';
import { adminKubeconfig } from '../machines/paths';

/** A pod, as far as "is it still the same one" needs it. */
export interface PodIdentity {
  uid: string;
  namespace: string;
  name: string;
}

interface Pod {
  metadata: { uid: string; namespace: string; name: string; ownerReferences?: { kind: string }[] };
}

const intervalMilliseconds = 1000;

/** Connects to a cluster of the lab as its administrator; undefined while the cluster is not bootstrapped. */
export function connect(ctx: LabContext, cluster: LabCluster): KubeApi | undefined {
  const file = adminKubeconfig(ctx.dir, cluster);
  return fs.existsSync(file) ? new KubeApi(parseKubeconfig(fs.readFileSync(file, 'utf8'))) : undefined;
}

interface PodRecord {
  /** Flux had adopted a release before the lab looked (the `up` that should have was killed): the list proves nothing. */
  late: boolean;
  pods: PodIdentity[];
}

/**
 * Remembers the pods that run when Flux is about to adopt: the last release that Pulumi installs, flux-instance, is in
 * Helm's storage and no HelmRelease has been reconciled. Waits for that moment, then writes the list and returns. Does
 * nothing when an earlier run wrote it.
 */
export async function recordPods(ctx: LabContext, cluster: LabCluster, signal: AbortSignal): Promise<void> {
  const file = recordFile(ctx, cluster);
  while (!fs.existsSync(file) && !signal.aborted) {
    const api = connect(ctx, cluster);
    try {
      if (api !== undefined && (await isInstalled(api))) {
        const record: PodRecord = { pods: await listPods(api), late: await hasAdopted(api) };
        writePrivate(file, `${JSON.stringify(record, undefined, 2)}\n`);
        return;
      }
    } catch {
      // The API server is not up yet; asked again.
    } finally {
      api?.close();
    }
    await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * How many pods of {@link recordPods} are gone now: each was replaced (or lost) at or after the handover. Null when the
 * lab did not see them before the handover, and so cannot tell.
 */
export async function countRecreatedPods(ctx: LabContext, cluster: LabCluster, api: KubeApi): Promise<number | null> {
  const record = readJson<PodRecord>(recordFile(ctx, cluster));
  if (record === undefined || record.late) return null;
  const now = new Set((await listPods(api)).map(({ uid }) => uid));
  return record.pods.filter(({ uid }) => !now.has(uid)).length;
}

function recordFile(ctx: LabContext, cluster: LabCluster): string {
  return ctx.path('clusters', cluster.name, 'pods-before-handover.json');
}

async function isInstalled(api: KubeApi): Promise<boolean> {
  const { items } = await api.request<{ items: unknown[] }>('/api/v1/namespaces/flux-system/secrets', {
    query: { labelSelector: 'owner=helm,name=flux-instance' },
  });
  return items.length > 0;
}

async function hasAdopted(api: KubeApi): Promise<boolean> {
  const path = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';
  const list = await api.find<{ items: { status?: { history?: unknown[] } }[] }>(path);
  return list?.items.some(({ status }) => (status?.history ?? []).length > 0) ?? false;
}

/** All pods but those of Jobs, which end by themselves. */
async function listPods(api: KubeApi): Promise<PodIdentity[]> {
  const { items } = await api.request<{ items: Pod[] }>('/api/v1/pods');
  return items
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'Job'))
    .map(({ metadata: { uid, namespace, name } }) => ({ uid, namespace, name }));
}
