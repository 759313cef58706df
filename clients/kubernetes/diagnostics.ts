import type { KubernetesClient } from './client';
import type { Condition, KubeObject } from './objects';

/** A pod, as far as its readiness needs it. */
export interface Pod extends KubeObject {
  status?: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}
interface ContainerStatus {
  name: string;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } };
}
interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { kind?: string; name?: string };
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

/** One line for each pod of a namespace that is not ready, with the reason if the API reports one; sorted. */
export async function notReadyPods(api: KubernetesClient, namespace: string): Promise<string[]> {
  const pods = await api.list<Pod>(`/api/v1/namespaces/${namespace}/pods`);
  return pods
    .filter((pod) => pod.status?.phase !== 'Succeeded' && !isReady(pod))
    .map((pod) => `pod ${pod.metadata.name}: ${podProblem(pod)}`)
    .sort();
}

/** What the latest Warning event about an object says; undefined if there is none. Events of cluster-wide objects are in `default`. */
export async function latestWarning(
  api: KubernetesClient,
  { kind = '', metadata: { name, namespace = 'default' } }: Pick<KubeObject, 'kind' | 'metadata'>,
): Promise<string | undefined> {
  const fieldSelector = `type=Warning,involvedObject.kind=${kind},involvedObject.name=${name}`;
  const events = await api.list<Event>(`/api/v1/namespaces/${namespace}/events`, { fieldSelector });
  return events.sort((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1)?.message;
}

/** The latest Warning events of a namespace without duplicates, at most `limit`, the newest last. */
export async function warningEvents(api: KubernetesClient, namespace: string, limit = 8): Promise<string[]> {
  const events = await api.list<Event>(`/api/v1/namespaces/${namespace}/events`, { fieldSelector: 'type=Warning' });
  const lines = events
    .sort((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .map(({ involvedObject, reason, message }) =>
      `${involvedObject?.kind ?? 'object'} ${involvedObject?.name ?? '?'}: ${reason ?? 'Warning'}: ${message ?? ''}`.trim(),
    );
  return [...new Set(lines)].slice(-limit);
}

function timeOf(event: Event): string {
  return event.lastTimestamp ?? event.eventTime ?? '';
}

/** Whether the pod reports that it is ready. */
export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** Why a pod is not ready: the reason of its first container that waits or ended, or that it is not scheduled. */
export function podProblem({ status }: Pod): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of containers) {
    if (state?.waiting?.reason)
      return `container ${name}: ${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')}`;
    const { terminated } = state ?? {};
    if (terminated?.exitCode) return `container ${name}: ${terminated.reason ?? 'exited'} (${terminated.exitCode})`;
  }
  const unscheduled = status?.conditions?.find(
    ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
  );
  return unscheduled?.message ?? `not ready (${status?.phase ?? 'no status'})`;
}
