import { rollOrder } from '../../../cluster/rollout/rollOrder';

const node = (name: string, role: 'controlplane' | 'worker', leaving = false) => ({ name, role, leaving });
const nodes = [
  node('w1', 'worker'),
  node('a', 'controlplane'),
  node('b', 'controlplane'),
  node('w2', 'worker'),
  node('gone', 'controlplane', true),
  node('c', 'controlplane'),
  node('w3', 'worker'),
  node('w4', 'worker'),
];
const order = (atOnce: number) =>
  rollOrder(nodes, atOnce).map(({ node: { name }, after }) =>
    [name, ...after.map((earlier) => earlier.name)].join(' '),
  );

test('control planes one after the other, then workers one after the other', () => {
  expect(order(1)).toEqual(['a', 'b a', 'c b', 'w1 c', 'w2 c w1', 'w3 c w2', 'w4 c w3']);
});

test('two workers at a time', () => {
  expect(order(2)).toEqual(['a', 'b a', 'c b', 'w1 c', 'w2 c', 'w3 c w1', 'w4 c w2']);
});

test('one node', () => {
  expect(rollOrder([node('a', 'controlplane')], 1)).toEqual([{ node: node('a', 'controlplane'), after: [] }]);
});
