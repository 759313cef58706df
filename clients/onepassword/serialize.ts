const last = new Map<string, Promise<unknown>>();

/** Does the work when all work that was given before under the same key has ended, well or not. */
export function serialize<T>(key: string, work: () => Promise<T>): Promise<T> {
  const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
  last.set(key, turn);
  return turn;
}
