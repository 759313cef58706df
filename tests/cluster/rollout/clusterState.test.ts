import { clusterState, etcdProblems, tolerated, type EtcdAnswer } from '../../../cluster/rollout/clusterState';

const names = ['a', 'b', 'c'];
const members = names.map((hostname, index) => ({ id: String(index + 1), hostname, isLearner: false }));
const healthy = (name: string): EtcdAnswer => ({
  name,
  machine: 'member',
  etcdRuns: true,
  members,
  status: { memberId: String(names.indexOf(name) + 1), leader: '1', isLearner: false, errors: [] },
});
const whole = names.map(healthy);
const fresh = (name: string): EtcdAnswer => ({ name, machine: 'member', etcdRuns: false });
const silent = (name: string): EtcdAnswer => ({ name, machine: 'silent', etcdRuns: false });
const maintenance = (name: string): EtcdAnswer => ({ name, machine: 'maintenance', etcdRuns: false });
const withoutMembers = ({ members: _, ...rest }: EtcdAnswer): EtcdAnswer => rest;

describe('whether there is a cluster', () => {
  test.each([
    ['running', 'all list the members', whole],
    [
      'running',
      'one lists the members, the first was wiped, one is off',
      [maintenance('a'), healthy('b'), silent('c')],
    ],
    ['none', 'all are in maintenance mode', names.map(maintenance)],
    ['none', 'all have a configuration, and etcd was never bootstrapped', names.map(fresh)],
    ['down', 'etcd runs without a quorum', [withoutMembers(healthy('a')), silent('b'), silent('c')]],
    ['unknown', 'one does not answer, the others have no etcd', [maintenance('a'), fresh('b'), silent('c')]],
    [
      'none',
      'another cluster answers at an address',
      [maintenance('a'), { ...silent('b'), machine: 'other-cluster' as const }],
    ],
  ])('%s: %s', (expected, _why, answers) => {
    expect(clusterState(answers)).toBe(expected);
  });
});

describe('whether etcd is whole', () => {
  test('it is', () => expect(etcdProblems(whole, names)).toEqual([]));

  test('one member is silent', () => {
    const answers = [healthy('a'), healthy('b'), silent('c')];
    expect(etcdProblems(answers, names)).toEqual(['the etcd member of c does not answer']);
    expect(etcdProblems(answers, names, { except: 'c' })).toEqual([]);
  });

  test('a control plane has not joined', () => {
    expect(etcdProblems([...whole, fresh('d')], [...names, 'd'])).toEqual(['d is not a member of etcd']);
  });

  test('a control plane without a configuration has yet to join', () => {
    expect(etcdProblems([...whole, maintenance('d'), silent('e')], [...names, 'd', 'e'])).toEqual([]);
  });

  test('a member was wiped', () => {
    const answers = [healthy('a'), healthy('b'), maintenance('c')];
    expect(etcdProblems(answers, names)).toEqual(['the etcd member c is lost: its machine is in maintenance mode']);
    expect(etcdProblems(answers, names, { lostMembers: true })).toEqual([]);
  });

  test('a learner', () => {
    const list = [...members.slice(0, 2), { id: '3', hostname: 'c', isLearner: true }];
    const answers = whole.map((answer) => ({ ...answer, members: list }));
    expect(etcdProblems(answers, names)).toEqual(['c is still a learner of etcd']);
  });

  test('no leader, and errors of a member', () => {
    const status = { memberId: '2', leader: '0', isLearner: false, errors: [] as string[] };
    expect(etcdProblems([healthy('a'), { ...healthy('b'), status }, healthy('c')], names)).toEqual([
      'etcd of b has no leader',
    ]);
    const alarmed = { ...status, leader: '1', errors: ['alarm:NOSPACE'] };
    expect(etcdProblems([healthy('a'), { ...healthy('b'), status: alarmed }, healthy('c')], names)).toEqual([
      'etcd of b: alarm:NOSPACE',
    ]);
  });

  test('two leaders', () => {
    const status = { memberId: '2', leader: '2', isLearner: false, errors: [] };
    expect(etcdProblems([healthy('a'), { ...healthy('b'), status }, healthy('c')], names)).toEqual([
      'the members of etcd disagree on the leader',
    ]);
  });

  test('a member that no node is', () => {
    expect(etcdProblems(whole.slice(0, 2), ['a', 'b'])).toEqual(['etcd has a member c that no node is']);
  });

  test('no one lists the members', () => {
    expect(etcdProblems(names.map(fresh), names)).toEqual(['no control plane lists the members of etcd']);
  });
});

test.each([
  [1, 0],
  [2, 0],
  [3, 1],
  [4, 1],
  [5, 2],
])('of %i voters %i may be down', (voters, down) => {
  expect(tolerated(voters)).toBe(down);
});
