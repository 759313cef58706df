import { setTimeout as sleep } from 'node:timers/promises';
import { serialize } from '../../../clients/onepassword/serialize';

test('work with the same key runs one after the other, also after a failure; other keys do not wait', async () => {
  const events: string[] = [];
  const work =
    (name: string, milliseconds: number, fails = false) =>
    async () => {
      events.push(`${name} started`);
      await sleep(milliseconds);
      events.push(`${name} finished`);
      if (fails) throw new Error(name);
      return name;
    };
  const first = serialize('a', work('a1', 40, true));
  const second = serialize('a', work('a2', 1));
  const other = serialize('b', work('b1', 10));
  await expect(first).rejects.toThrow('a1');
  expect(await Promise.all([second, other])).toEqual(['a2', 'b1']);
  expect(events).toEqual(['a1 started', 'b1 started', 'b1 finished', 'a1 finished', 'a2 started', 'a2 finished']);
});
