import { mapConcurrently } from '../process/mapConcurrently';
import type { KubernetesClient } from './client';
import { KubernetesRefused } from './errors';
import type { KubeObject } from './objects';

interface Pod extends KubeObject {
  status?: { phase?: string };
}

/** A pod that is still on the node, and why. */
export interface HeldPod {
  /** `namespace/name` */
  pod: string;
  why: string;
}

/** The pods of a node, sorted into what a drain evicts and what it leaves there. */
export interface DrainPlan {
  evicted: Pod[];
  /** `namespace/name` of running pods that no controller would make again elsewhere; evicting them would delete them for good. */
  withoutController: string[];
}

const mirrorPod = 'kubernetes.io/config.mirror';
const evictionsAtOnce = 8;

/**
 * What a drain does with the pods of a node: as Talos' own drain, it leaves mirror pods, pods of DaemonSets and pods without
 * a controller; data in emptyDir volumes does not hold a pod. Pods that are finished go with the machine.
 */
export function planDrain(pods: readonly Pod[]): DrainPlan {
  const running = pods.filter(
    ({ metadata, status }) =>
      metadata.annotations?.[mirrorPod] === undefined && !['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  );
  const kindOf = ({ metadata }: Pod) => metadata.ownerReferences?.find(({ controller }) => controller)?.kind;
  return {
    evicted: running.filter((pod) => ![undefined, 'DaemonSet'].includes(kindOf(pod))),
    withoutController: running.filter((pod) => kindOf(pod) === undefined).map(nameOf),
  };
}

/** The pods that are scheduled to a node. */
export function podsOf(api: KubernetesClient, node: string): Promise<Pod[]> {
  return api.list<Pod>('/api/v1/pods', { fieldSelector: `spec.nodeName=${node}` });
}

/**
 * Asks once for the eviction of every pod that is still there and not yet on its way out; returns those that are not gone, sorted.
 * Only pods of the plan: one that tolerates a cordoned node may come back to it forever.
 *
 * @throws KubernetesRefused if the API refuses an eviction for a reason that does not pass
 */
export async function evictRemaining(api: KubernetesClient, node: string, plan: DrainPlan): Promise<HeldPod[]> {
  const planned = new Set(plan.evicted.map(({ metadata }) => metadata.uid));
  const remaining = (await podsOf(api, node)).filter(({ metadata }) => planned.has(metadata.uid));
  const held = await mapConcurrently(evictionsAtOnce, remaining, async (pod) => ({
    pod: nameOf(pod),
    why: pod.metadata.deletionTimestamp === undefined ? await evict(api, pod) : 'is terminating',
  }));
  return held.sort((a, b) => (a.pod < b.pod ? -1 : 1));
}

async function evict(api: KubernetesClient, { metadata }: Pod): Promise<string> {
  const { name, namespace = '', uid } = metadata;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  };
  try {
    await api.request('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { body });
    return 'is terminating';
  } catch (error) {
    if (!(error instanceof KubernetesRefused)) throw error;
    // Gone, or another pod of that name: the next round does not find it.
    if (error.status === 404 || error.status === 409) return 'is terminating';
    const reasons = new Set(error.causes.map(({ reason }) => reason));
    const passes = error.status === 429 || reasons.has('NamespaceTerminating');
    if (!passes) throw error;
    const budgets = error.causes.flatMap(({ message }) => message ?? []);
    return budgets.length > 0 ? budgets.join('; ') : error.detail;
  }
}

function nameOf({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`;
}
