/** What one control plane says about etcd. */
export interface EtcdAnswer {
  /** The name of its node. */
  name: string;
  /** Whether it has a configuration of this cluster (`member`), none (`maintenance`), another cluster's, or does not answer. */
  machine: 'member' | 'maintenance' | 'other-cluster' | 'silent';
  /** Whether its etcd runs, even if it is not healthy. False before etcd is bootstrapped. */
  etcdRuns: boolean;
  /** The members that it lists; absent if it cannot. */
  members?: readonly EtcdMemberFacts[];
  /** What its own member says; absent if it cannot. */
  status?: { memberId: string; leader: string; isLearner: boolean; errors: readonly string[] };
}

/** An etcd member. */
export interface EtcdMemberFacts {
  /** Decimal. */
  id: string;
  hostname: string;
  isLearner: boolean;
}

/**
 * Whether there is a cluster, from the answers of all control planes:
 * - `running`: one of them lists the members of etcd;
 * - `none`: all answer, and none has etcd;
 * - `down`: etcd runs somewhere, but no one can list its members, so it has no quorum;
 * - `unknown`: no one who answers has etcd, but one does not answer and may have it.
 */
export type ClusterState = 'running' | 'none' | 'down' | 'unknown';

export function clusterState(answers: readonly EtcdAnswer[]): ClusterState {
  if (etcdMembers(answers).length > 0) return 'running';
  if (answers.some(({ etcdRuns }) => etcdRuns)) return 'down';
  return answers.some(({ machine }) => machine === 'silent') ? 'unknown' : 'none';
}

/** The members of etcd: the list of the first control plane that has one. */
export function etcdMembers(answers: readonly EtcdAnswer[]): readonly EtcdMemberFacts[] {
  return answers.find(({ members = [] }) => members.length > 0)?.members ?? [];
}

/** How many members of a number of voters may be down together without etcd losing its quorum. */
export function tolerated(voters: number): number {
  return Math.max(0, Math.ceil(voters / 2) - 1);
}

/** Of which control planes {@link etcdProblems} demands nothing. */
export interface EtcdExemptions {
  /** The name of a node that is about to be changed or replaced. */
  except?: string;
  /** Members whose machines are in maintenance mode: they are configured later, and then join again. */
  lostMembers?: boolean;
}

/**
 * Why etcd is not whole; empty if it is: every control plane that has a configuration or is listed is a member, none is a
 * learner, each answers, and they agree on a leader. One without a configuration has yet to join.
 *
 * @param nodes names of all control planes
 */
export function etcdProblems(
  answers: readonly EtcdAnswer[],
  nodes: readonly string[],
  { except, lostMembers = false }: EtcdExemptions = {},
): string[] {
  const members = etcdMembers(answers);
  if (members.length === 0) return ['no control plane lists the members of etcd'];
  const problems: string[] = [];
  const leaders = new Set<string>();
  for (const name of nodes.filter((node) => node !== except)) {
    const answer = answers.find((candidate) => candidate.name === name);
    const member = members.find(({ hostname }) => hostname === name);
    const status = answer?.status;
    if (member === undefined && answer?.machine !== 'member') continue;
    if (lostMembers && answer?.machine === 'maintenance') continue;
    if (member === undefined) problems.push(`${name} is not a member of etcd`);
    else if (member.isLearner || status?.isLearner === true) problems.push(`${name} is still a learner of etcd`);
    else if (answer?.machine === 'maintenance')
      problems.push(`the etcd member ${name} is lost: its machine is in maintenance mode`);
    else if (status === undefined) problems.push(`the etcd member of ${name} does not answer`);
    else if (status.errors.length > 0) problems.push(`etcd of ${name}: ${status.errors.join(', ')}`);
    else if (status.leader === '0') problems.push(`etcd of ${name} has no leader`);
    else leaders.add(status.leader);
  }
  const strangers = members.filter(({ hostname }) => !nodes.includes(hostname));
  for (const { hostname, id } of strangers) {
    problems.push(`etcd has a member ${hostname || `without a name (${BigInt(id).toString(16)})`} that no node is`);
  }
  if (problems.length === 0 && leaders.size > 1) problems.push('the members of etcd disagree on the leader');
  return problems;
}
