import pLimit from 'p-limit';

const limits = new Map<string, pLimit.Limit>();

/** Runs the work once all earlier work with the same key has finished, successfully or not. */
export function serialize<T>(key: string, work: () => Promise<T>): Promise<T> {
  const limit = limits.get(key) ?? pLimit(1);
  limits.set(key, limit);
  return limit(work);
}
