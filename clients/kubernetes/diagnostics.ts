import type { KubernetesClient } from './client';
import type { Condition, KubeObject } from './objects';

interface Pod extends KubeObject {
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
    .filter(({ status }) => status?.phase !== 'Succeeded' && !isTrue(status?.conditions, 'Ready'))
    .map((pod) => `pod ${pod.metadata.name}: ${notReadyReason(pod)}`)
    .sort();
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

function notReadyReason({ status }: Pod): string {
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

function isTrue(conditions: Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
