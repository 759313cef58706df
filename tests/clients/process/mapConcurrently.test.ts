import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';

test('runs at most `limit` at a time and keeps the order of the items', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently(3, [5, 4, 3, 2, 1, 0], async (item) => {
    most = Math.max(most, ++running);
    await sleep(item * 5);
    running--;
    return item * 10;
  });
  expect(results).toEqual([50, 40, 30, 20, 10, 0]);
  expect(most).toBe(3);
});

test.each([1, 2, 4])('with %i at a time, the first failure rejects and starts nothing more', async (limit) => {
  const started: number[] = [];
  const work = mapConcurrently(limit, [0, 1, 2, 3, 4, 5, 6, 7], async (item) => {
    started.push(item);
    await sleep(item === 0 ? 5 : 30);
    if (item === 0) throw new Error('item 0 failed');
  });
  await expect(work).rejects.toThrow('item 0 failed');
  await sleep(60);
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7].slice(0, limit));
});

test('work that throws synchronously rejects, too', async () => {
  const work = mapConcurrently(2, [1, 2, 3], (): Promise<void> => {
    throw new Error('synchronous');
  });
  await expect(work).rejects.toThrow('synchronous');
});

test('no items: no results', async () => {
  expect(await mapConcurrently(4, [], () => Promise.reject(new Error('never called')))).toEqual([]);
});
