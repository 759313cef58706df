import pLimit from 'p-limit';

/**
 * Runs the work for every item, at most `limit` at a time; results are in the order of the items. The first failure
 * rejects, and no further work is started.
 */
export async function mapConcurrently<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const limited = pLimit(limit);
  const run = async (item: T): Promise<R> => {
    try {
      return await work(item);
    } catch (error) {
      // Must happen before this promise settles: p-limit then starts the next item.
      limited.clearQueue();
      throw error;
    }
  };
  return Promise.all(items.map((item) => limited(run, item)));
}
