import { clusterState, type EtcdAnswer, etcdMembers, tolerated } from '../rollout/clusterState';
import { type MachineFinding, machineObject } from './finding';

/** A control plane of the definition. */
export interface WantedControlPlane {
  name: string;
  leaving: boolean;
}

/** What is known of etcd. */
export interface EtcdFacts {
  cluster: string;
  answers: readonly EtcdAnswer[];
  /** Absent if no member lists them. */
  alarms?: readonly { memberId: string; alarm: string }[];
}

/** In which ways etcd is not as the definition says: members, learners, alarms, leader, quorum. */
export function etcdDrift(
  { cluster, answers, alarms = [] }: EtcdFacts,
  wanted: readonly WantedControlPlane[],
): MachineFinding[] {
  const etcd = `etcd of ${cluster}`;
  const state = clusterState(answers);
  if (state === 'down') {
    const why = `no member can list the members; ${marginText(answers)}`;
    const todo = 'bring control planes back (docs/recover.md)';
    return [{ id: 'etcd-no-quorum', object: etcd, field: 'quorum', why, todo }];
  }
  if (state !== 'running') return [];
  const members = etcdMembers(answers);
  const nameOf = (id: string): string | undefined => members.find((member) => member.id === id)?.hostname;
  return [
    ...wanted.flatMap(({ name, leaving }) => memberDrift(name, leaving, answers)),
    ...members.flatMap(({ hostname, id, isLearner }): MachineFinding[] => {
      if (wanted.some(({ name }) => name === hostname)) return [];
      const label = hostname === '' ? hexId(id) : hostname;
      const what = isLearner ? 'a learner' : 'a member';
      const todo = `find out what it is; remove it with: talosctl etcd remove-member ${hexId(id)}`;
      const why = `etcd has ${what} that no control plane of the stack is; ${marginText(answers)}`;
      return [{ id: 'etcd-unknown-member', object: `etcd member ${label}`, why, todo, explains: [`Node ${hostname}`] }];
    }),
    ...alarms.map(({ memberId, alarm }): MachineFinding => {
      const name = nameOf(memberId);
      return {
        id: 'etcd-alarm',
        object: name === undefined ? etcd : machineObject(name),
        ...{ field: 'etcd alarms', found: alarm, why: alarmTexts[alarm] ?? 'etcd raised an alarm' },
        todo: 'see docs/recover.md; an alarm stays until it is disarmed: talosctl etcd alarm disarm',
      };
    }),
    ...leaderDrift(etcd, answers),
  ];
}

const alarmTexts: Readonly<Record<string, string>> = {
  NOSPACE: 'the database of etcd is full, and the cluster takes no more changes',
  CORRUPT: "this member's data differs from that of the others",
};

function memberDrift(name: string, leaving: boolean, answers: readonly EtcdAnswer[]): MachineFinding[] {
  const answer = answers.find((one) => one.name === name);
  const member = etcdMembers(answers).find(({ hostname }) => hostname === name);
  const finding = (id: string, wanted: string, found: string, todo: string): MachineFinding => ({
    ...{ id, object: machineObject(name), field: 'etcd', wanted, found, why: marginText(answers), todo },
    upMends: false,
  });
  if (leaving) {
    if (member === undefined) return [];
    return [finding('etcd-member-stays', 'no member', 'a member', 'run pulumi up, which takes it out of the cluster')];
  }
  if (member === undefined) {
    // What does not answer could not be told; what has no configuration is reported as such.
    if (answer?.machine !== 'member') return [];
    const todo = `see what etcd says: talosctl logs etcd (node ${name})`;
    return [finding('etcd-member-missing', 'a member', 'no member', todo)];
  }
  if (!member.isLearner && answer?.status?.isLearner !== true) return [];
  const todo = 'wait until it has caught up; if it does not: talosctl logs etcd';
  return [finding('etcd-learner', 'a voting member', 'a learner', todo)];
}

function leaderDrift(etcd: string, answers: readonly EtcdAnswer[]): MachineFinding[] {
  const leaders = new Map(
    answers.flatMap(({ name, status }) => (status === undefined ? [] : [[name, status.leader] as const])),
  );
  const without = [...leaders].flatMap(([name, leader]) => (leader === '0' ? [name] : []));
  const distinct = new Set([...leaders.values()].filter((leader) => leader !== '0'));
  const todo = 'check the network between control planes; talosctl etcd status shows each one';
  return [
    ...(without.length === 0
      ? []
      : [{ id: 'etcd-leader', object: etcd, field: 'leader', why: `${without.join(', ')} knows of no leader`, todo }]),
    ...(distinct.size <= 1
      ? []
      : [{ id: 'etcd-leader', object: etcd, field: 'leader', why: 'its members disagree on the leader', todo }]),
  ];
}

/** How far etcd is from losing its quorum: `2 of 3 voting members are well, and it keeps its quorum without none more`. */
export function marginText(answers: readonly EtcdAnswer[]): string {
  const voters = etcdMembers(answers).filter(({ isLearner }) => !isLearner);
  const total = voters.length;
  if (total === 0) return 'how many members it has is not known';
  const well = voters.filter(({ hostname, id }) =>
    answers.some(
      ({ name, status }) =>
        (name === hostname || status?.memberId === id) && status !== undefined && status.leader !== '0',
    ),
  ).length;
  const spare = tolerated(total) - (total - well);
  const rest = spare > 0 ? `${spare} more may fail` : spare === 0 ? 'no more may fail' : 'it has no quorum';
  return `${well} of ${total} voting members of etcd are well: ${rest}`;
}

function hexId(id: string): string {
  return BigInt(id).toString(16);
}
