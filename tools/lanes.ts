import pLimit from 'p-limit';

/**
 * Processes items in lanes: the items of a lane sequentially, at most `width` lanes concurrently.
 * After the first failure, running items finish, no further item starts, and the failure is thrown.
 */
export async function inLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => string,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lanes = new Map<string, T[]>();
  for (const item of items) lanes.set(laneOf(item), [...(lanes.get(laneOf(item)) ?? []), item]);
  const failures: unknown[] = [];
  const runLane = async (lane: readonly T[]): Promise<void> => {
    for (const item of lane) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const limit = pLimit(width);
  await Promise.all([...lanes.values()].map((lane) => limit(runLane, lane)));
  if (failures.length > 0) throw failures[0];
}
