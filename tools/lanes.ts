/**
 * Works through items in lanes: items of one lane one after the other, at most `width` lanes at a time.
 * The first failure lets running items end, starts no more, and is thrown.
 */
export async function inLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => string,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lanes = new Map<string, T[]>();
  for (const item of items) lanes.set(laneOf(item), [...(lanes.get(laneOf(item)) ?? []), item]);
  const waiting = [...lanes.values()];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane && failures.length === 0; lane = waiting.shift()) {
      for (const item of lane) {
        if (failures.length > 0) return;
        try {
          await work(item);
        } catch (error) {
          failures.push(error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  if (failures.length > 0) throw failures[0];
}
