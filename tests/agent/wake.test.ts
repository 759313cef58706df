import { Wake } from '../../lab/agent/wake';

const never = 60_000;

test('a ring ends the wait', async () => {
  const wake = new Wake();
  const waiting = wake.wait(never);
  wake.ring();
  await expect(waiting).resolves.toBeUndefined();
});

test('a ring before the wait ends it immediately, and only that one', async () => {
  const wake = new Wake();
  wake.ring();
  wake.ring();
  await wake.wait(never);
  let ended = false;
  const second = wake.wait(never).then(() => (ended = true));
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  wake.ring();
  await second;
});

test('without a ring the wait ends by itself', async () => {
  await expect(new Wake().wait(1)).resolves.toBeUndefined();
});
