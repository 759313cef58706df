import { diffValues } from '../../../gitops/diff/diffValues';

test('reports the smallest differences, sorted by key', () => {
  const before = { spec: { values: { z: 1, hubble: { relay: { replicas: 2, on: true } } } } };
  const after = { spec: { values: { z: '1', hubble: { relay: { replicas: 3, on: true } }, added: { a: [] } } } };
  expect(diffValues(before, after)).toEqual([
    { path: 'spec.values.added', after: { a: [] } },
    { path: 'spec.values.hubble.relay.replicas', before: 2, after: 3 },
    { path: 'spec.values.z', before: 1, after: '1' },
  ]);
});

test('quotes keys with special characters', () => {
  expect(diffValues({ labels: { 'a.b/c': 'x' } }, { labels: {} })).toEqual([{ path: 'labels["a.b/c"]', before: 'x' }]);
});

test('distinguishes null from a missing value', () => {
  expect(diffValues({ a: null }, {})).toEqual([{ path: 'a', before: null }]);
});

describe('lists', () => {
  test('with named items are compared by name, regardless of order', () => {
    const before = [
      { name: 'app', image: 'a:1' },
      { name: 'side', image: 'b:1' },
    ];
    const after = [{ name: 'init' }, { name: 'side', image: 'b:2' }, { name: 'app', image: 'a:1' }];
    expect(diffValues({ containers: before }, { containers: after })).toEqual([
      { path: 'containers[name=init]', after: { name: 'init' } },
      { path: 'containers[name=side].image', before: 'b:1', after: 'b:2' },
      { path: 'containers', note: 'items reordered' },
    ]);
  });

  test('of scalars report added and removed items, not shifted ones', () => {
    expect(diffValues(['a', 'b', 'c'], ['b', 'c', 'd'])).toEqual([
      { path: '[0]', before: 'a' },
      { path: '[2]', after: 'd' },
    ]);
    expect(diffValues({ args: ['a', 'b', 'c'] }, { args: ['a', 'x', 'y', 'c'] })).toEqual([
      { path: 'args[1]', before: 'b', after: 'x' },
      { path: 'args[2]', after: 'y' },
    ]);
  });

  test('of items without an identifying field are compared by position', () => {
    const before = [{ from: { a: 1 }, rest: 0 }, { from: { b: 1 } }];
    const after = [{ from: { a: 2 }, rest: 0 }, { from: { b: 1 } }];
    expect(diffValues(before, after)).toEqual([{ path: '[0].from.a', before: 1, after: 2 }]);
    expect(diffValues(before, before.slice(1))).toEqual([{ path: '[0]', before: { from: { a: 1 }, rest: 0 } }]);
  });

  test('with duplicate names are compared by position', () => {
    const duplicates = [
      { name: 'x', port: 1 },
      { name: 'x', port: 1 },
    ];
    expect(diffValues(duplicates, duplicates.slice(1))).toHaveLength(1);
  });
});
