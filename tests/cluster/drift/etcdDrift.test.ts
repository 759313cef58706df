import { etcdDrift, marginText } from '../../../cluster/drift/etcdDrift';
import type { EtcdAnswer } from '../../../cluster/rollout/clusterState';

const members = ['a', 'b', 'c'].map((hostname, index) => ({ id: String(index + 1), hostname, isLearner: false }));
const answer = (name: string, more: Partial<EtcdAnswer> = {}): EtcdAnswer => ({
  ...{ name, machine: 'member', etcdRuns: true, members },
  status: { memberId: String('abc'.indexOf(name) + 1), leader: '1', isLearner: false, errors: [] },
  ...more,
});
const silent = (name: string): EtcdAnswer => ({ name, machine: 'silent', etcdRuns: false });
const wanted = ['a', 'b', 'c'].map((name) => ({ name, leaving: false }));
const found = (answers: EtcdAnswer[], nodes = wanted) =>
  etcdDrift({ cluster: 'east', answers }, nodes).map(({ id, object, field, found: is, why }) => [
    id,
    object,
    field,
    is,
    why,
  ]);

test('an etcd that is whole is silent, and so is one before its bootstrap', () => {
  expect(found(['a', 'b', 'c'].map((name) => answer(name)))).toEqual([]);
  expect(found([{ name: 'a', machine: 'member', etcdRuns: false }])).toEqual([]);
});

test('a control plane that does not answer is not drift; the others count', () => {
  expect(found([answer('a'), answer('b'), silent('c')])).toEqual([]);
});

test('without a quorum', () => {
  const down = { name: 'a', machine: 'member', etcdRuns: true } as const;
  expect(found([down, silent('b'), silent('c')])).toEqual([
    [
      'etcd-no-quorum',
      'etcd of east',
      'quorum',
      undefined,
      'no member can list the members; how many members it has is not known',
    ],
  ]);
});

test('one that should have left is still a member; one in maintenance mode is reported as that', () => {
  const nodes = [...wanted.slice(0, 2), { name: 'c', leaving: true }, { name: 'd', leaving: false }];
  const answers = [
    answer('a'),
    answer('b'),
    answer('c'),
    { name: 'd', machine: 'maintenance', etcdRuns: false } as const,
  ];
  expect(found(answers, nodes).map(([id, object, , is]) => [id, object, is])).toEqual([
    ['etcd-member-stays', 'machine c', 'a member'],
  ]);
});

test('no leader, and two of them', () => {
  const led = (name: string, leader: string) =>
    answer(name, { status: { memberId: '1', leader, isLearner: false, errors: [] } });
  expect(
    found([led('a', '1'), led('b', '0'), led('c', '2')]).map(([id, object, field, , why]) => [id, object, field, why]),
  ).toEqual([
    ['etcd-leader', 'etcd of east', 'leader', 'b knows of no leader'],
    ['etcd-leader', 'etcd of east', 'leader', 'its members disagree on the leader'],
  ]);
});

test('an alarm of a member that is not listed any more is that of etcd as a whole', () => {
  const answers = ['a', 'b', 'c'].map((name) => answer(name));
  const alarms = [{ memberId: '9', alarm: 'CORRUPT' }];
  expect(
    etcdDrift({ cluster: 'east', answers, alarms }, wanted).map(({ id, object, found: is }) => [id, object, is]),
  ).toEqual([['etcd-alarm', 'etcd of east', 'CORRUPT']]);
});

test('the margin of the quorum', () => {
  expect(marginText(['a', 'b', 'c'].map((name) => answer(name)))).toBe(
    '3 of 3 voting members of etcd are well: 1 more may fail',
  );
  expect(marginText([answer('a'), answer('b'), silent('c')])).toBe(
    '2 of 3 voting members of etcd are well: no more may fail',
  );
  expect(marginText([answer('a'), silent('b'), silent('c')])).toBe(
    '1 of 3 voting members of etcd are well: it has no quorum',
  );
  expect(marginText([silent('a')])).toBe('how many members it has is not known');
});
