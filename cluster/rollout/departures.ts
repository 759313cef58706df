import { type EtcdAnswer, etcdMembers } from './clusterState';

/** A node of the stack, as far as it matters for who comes and goes. */
export interface StackNode {
  name: string;
  role: 'controlplane' | 'worker';
  leaving: boolean;
}

/**
 * Why the nodes of a stack must not change like this; empty if they may. A node whose entry is gone must have left before,
 * which its mark in the last state says.
 *
 * @param before the nodes of the last successful `up`
 */
export function nodeChangeProblems(before: readonly StackNode[], after: readonly StackNode[]): string[] {
  const gone = before.filter(({ name, leaving }) => !leaving && after.every((node) => node.name !== name));
  const changed = after.filter(({ name, role, leaving }) => {
    const old = before.find((node) => node.name === name);
    return old !== undefined && old.role !== role && !old.leaving && !leaving;
  });
  const problems = [
    ...gone.map(
      ({ name }) =>
        `node ${name} has no entry any more, but its machine still runs and belongs to the cluster; put the entry back with ` +
        '`leaving: true`, run `pulumi up`, and delete the entry after that',
    ),
    ...changed.map(
      ({ name, role }) =>
        `node ${name} becomes a ${role}, which a running machine cannot; mark it with \`leaving: true\`, run \`pulumi up\`, ` +
        'and then give it the other role',
    ),
  ];
  const staying = after.filter(({ role, leaving }) => role === 'controlplane' && !leaving);
  if (staying.length === 0) problems.push('every control plane is marked with `leaving: true`; at least one must stay');
  return problems;
}

/**
 * Why a control plane must not leave etcd now; undefined if it may: the members that are well decide on it, and are enough
 * for a quorum afterwards.
 */
export function departureProblem(answers: readonly EtcdAnswer[], name: string): string | undefined {
  const voters = etcdMembers(answers).filter(({ isLearner }) => !isLearner);
  if (!voters.some(({ hostname }) => hostname === name)) return undefined;
  const well = voters.filter(({ hostname }) => {
    const status = answers.find((answer) => answer.name === hostname)?.status;
    return status !== undefined && status.leader !== '0' && status.errors.length === 0;
  });
  const others = well.filter(({ hostname }) => hostname !== name).length;
  const rest = voters.length - 1;
  if (rest === 0) return 'it is the only member of etcd';
  if (others * 2 > rest) return undefined;
  return `of the ${rest} members of etcd that would be left, only ${others} ${others === 1 ? 'is' : 'are'} well`;
}
