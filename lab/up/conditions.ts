/** Any object with Kubernetes' usual conditions. */
export interface Conditioned {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Whether its `Ready` condition is True. */
export function isReady(object: Conditioned): boolean {
  return object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** How many of some objects are ready. */
export interface ReadyCount {
  ready: number;
  total: number;
}

/** Counts the ready ones. */
export function countReady(objects: readonly Conditioned[]): ReadyCount {
  return { ready: objects.filter(isReady).length, total: objects.length };
}
