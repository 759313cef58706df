import type { EtcdAnswer } from '../../../cluster/rollout/clusterState';
import { departureProblem, nodeChangeProblems } from '../../../cluster/rollout/departures';

const node = (name: string, role: 'controlplane' | 'worker' = 'controlplane', leaving = false) => ({
  name,
  role,
  leaving,
});

describe('how the nodes of a stack may change', () => {
  test('new ones, marked ones, and entries of those that left', () => {
    const before = [node('a'), node('b'), node('w', 'worker', true)];
    expect(nodeChangeProblems([], before)).toEqual([]);
    expect(nodeChangeProblems(before, [node('a'), node('b', 'controlplane', true), node('c')])).toEqual([]);
  });

  test('one that left may come back with another role', () => {
    expect(nodeChangeProblems([node('a'), node('b', 'controlplane', true)], [node('a'), node('b', 'worker')])).toEqual(
      [],
    );
  });

  test('an entry that is deleted outright', () => {
    expect(nodeChangeProblems([node('a'), node('w', 'worker')], [node('a')])).toEqual([
      'node w has no entry any more, but its machine still runs and belongs to the cluster; put the entry back with ' +
        '`leaving: true`, run `pulumi up`, and delete the entry after that',
    ]);
  });

  test('another role', () => {
    expect(nodeChangeProblems([node('a'), node('b')], [node('a'), node('b', 'worker')])).toEqual([
      'node b becomes a worker, which a running machine cannot; mark it with `leaving: true`, run `pulumi up`, and then ' +
        'give it the other role',
    ]);
  });

  test('all control planes', () => {
    expect(nodeChangeProblems([], [node('a', 'controlplane', true), node('w', 'worker')])).toEqual([
      'every control plane is marked with `leaving: true`; at least one must stay',
    ]);
  });
});

describe('whether a control plane may leave etcd', () => {
  const names = ['a', 'b', 'c'];
  const answers = (up: string[], all = names): EtcdAnswer[] => {
    const members = all.map((hostname, index) => ({ id: String(index), hostname, isLearner: false }));
    return all.map((name, index) =>
      up.includes(name)
        ? {
            name,
            machine: 'member',
            etcdRuns: true,
            members,
            status: { memberId: String(index), leader: '0'.padStart(2, '1'), isLearner: false, errors: [] },
          }
        : { name, machine: 'silent', etcdRuns: false },
    );
  };
  test.each([
    ['of three well ones', answers(names), undefined],
    ['a dead one of three', answers(['a', 'b']), undefined],
    ['of two', answers(['a', 'c'], ['a', 'c']), undefined],
    ['a dead one of two', answers(['a'], ['a', 'c']), undefined],
    ['the only one', answers(['c'], ['c']), 'it is the only member of etcd'],
    [
      'a well one while another is dead',
      answers(['a', 'c']),
      'of the 2 members of etcd that would be left, only 1 is well',
    ],
    ['someone outside etcd', answers(['a', 'b'], ['a', 'b']), undefined],
  ])('%s', (_case, given, expected) => {
    expect(departureProblem(given, 'c')).toBe(expected);
  });
});
