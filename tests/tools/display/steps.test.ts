import { applyUpdate, emptyView, endView, type StepUpdate, type View } from '../../../tools/display/steps';

/** The view after updates, each with the time at which it comes. */
function after(...updates: [number, StepUpdate][]): View {
  return updates.reduce((view, [now, update]) => applyUpdate(view, update, now), emptyView('lab up', 0));
}
const ids = ({ steps }: View): string[] => steps.map(({ id }) => id);

test('a step keeps what an update leaves out', () => {
  const view = after(
    [1, { id: 'core', label: 'infra core', amount: { done: 0, total: 7, unit: 'items' } }],
    [2, { id: 'core', state: 'running', detail: 'cilium' }],
    [3, { id: 'core', amount: { done: 1, total: 7, unit: 'items' } }],
  );
  expect(view.steps).toEqual([
    {
      id: 'core',
      label: 'infra core',
      state: 'running',
      way: undefined,
      detail: 'cilium',
      amount: { done: 1, total: 7, unit: 'items' },
      startedAt: 2,
      endedAt: undefined,
    },
  ]);
});

test('a step below another is displayed after the last one there; others at the end', () => {
  const view = after(
    [0, { id: 'tools' }],
    [0, { id: 'services' }],
    [0, { id: 'tools/etcd' }],
    [0, { id: 'tools/helm' }],
    [0, { id: 'infra/core' }],
    [0, { id: 'apps/core' }],
    [0, { id: 'infra/handover' }],
    [0, { id: 'toolsmith' }],
  );
  expect(ids(view)).toEqual([
    'tools',
    'tools/etcd',
    'tools/helm',
    'services',
    'infra/core',
    'infra/handover',
    'apps/core',
    'toolsmith',
  ]);
});

test('a done step forgets what it waited for, a failed one does not', () => {
  const running: [number, StepUpdate] = [5, { id: 'a', state: 'running', detail: 'waiting for b' }];
  expect(after(running, [9, { id: 'a', state: 'done' }]).steps[0]).toMatchObject({
    detail: '',
    startedAt: 5,
    endedAt: 9,
  });
  expect(after(running, [9, { id: 'a', state: 'failed' }]).steps[0]).toMatchObject({
    detail: 'waiting for b',
    endedAt: 9,
  });
});

test('a later update does not move the end of a step', () => {
  const view = after(
    [1, { id: 'a', state: 'running' }],
    [2, { id: 'a', state: 'done' }],
    [3, { id: 'a', state: 'done' }],
  );
  expect(view.steps[0]).toMatchObject({ startedAt: 1, endedAt: 2 });
});

test('a step that another way replaces starts again without its amount', () => {
  const view = after(
    [1, { id: 'a', state: 'running', way: 'download', amount: { done: 5, total: 9, unit: 'bytes' }, detail: 'x' }],
    [7, { id: 'a', state: 'running', way: 'build' }],
  );
  expect(view.steps[0]).toMatchObject({ way: 'build', startedAt: 7, amount: undefined, detail: '' });
});

test('after a success nothing waits; after a failure what ran has failed', () => {
  const view = after(
    [1, { id: 'a' }],
    [1, { id: 'b', state: 'running', detail: 'c' }],
    [2, { id: 'd', state: 'done' }],
  );
  const states = ({ steps }: View): string[] => steps.map(({ state }) => state);
  expect(states(endView(view, 'done', 3))).toEqual(['skipped', 'done', 'done']);
  const failed = endView(view, 'failed', 3);
  expect(states(failed)).toEqual(['waiting', 'failed', 'done']);
  expect(failed.steps[1]).toMatchObject({ detail: 'c', endedAt: 3 });
  expect(endView(view, 'failed', 3, 'interrupted').steps[1]).toMatchObject({ detail: 'interrupted' });
});
