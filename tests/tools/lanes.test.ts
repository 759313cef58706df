import { inLanes } from '../../tools/lanes';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('inLanes', () => {
  test('keeps the order within a lane and limits the number of concurrent lanes', async () => {
    const events: string[] = [];
    let running = 0;
    let most = 0;
    await inLanes(
      ['a1', 'b1', 'a2', 'c1'],
      (item) => item.charAt(0),
      2,
      async (item) => {
        most = Math.max(most, ++running);
        await tick();
        events.push(item);
        running--;
      },
    );
    expect(most).toBe(2);
    expect(events.indexOf('a1')).toBeLessThan(events.indexOf('a2'));
    expect([...events].sort()).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  test('throws the first failure and starts nothing afterwards', async () => {
    const started: string[] = [];
    await expect(
      inLanes(
        ['a1', 'a2', 'b1', 'c1'],
        (item) => item.charAt(0),
        1,
        async (item) => {
          started.push(item);
          await tick();
          throw new Error(`${item} failed`);
        },
      ),
    ).rejects.toThrow('a1 failed');
    expect(started).toEqual(['a1']);
  });
});
