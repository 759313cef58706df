/** Any object with Kubernetes' standard conditions. */
export interface Conditioned {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** Whether its `Ready` condition is True. */
export function isReady(object: Conditioned): boolean {
  return readyCondition(object)?.status === 'True';
}

/** Its `Ready` condition, if it has one. */
export function readyCondition(object: Conditioned): { status: string; message?: string } | undefined {
  return object.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** How many objects are ready. */
export interface ReadyCount {
  ready: number;
  total: number;
}

/** Counts the objects and those that are ready. */
export function countReady(objects: readonly Conditioned[]): ReadyCount {
  return { ready: objects.filter(isReady).length, total: objects.length };
}
