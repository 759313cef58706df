import type { Node } from '../stackSchema';
import { excludeFromLoadBalancers } from './controlPlanePatch';

/**
 * The labels of a Kubernetes node whose values follow from its machine's configuration: what the kubelet and Talos set, as
 * our patches leave it.
 * @param nodes all nodes of the cluster
 */
export function nodeLabels(
  node: Pick<Node, 'name' | 'role'>,
  nodes: readonly Pick<Node, 'role'>[],
): Record<string, string> {
  const isControlPlane = node.role === 'controlplane';
  const schedulable = nodes.every(({ role }) => role === 'controlplane');
  return {
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    ...(isControlPlane && !schedulable ? { [excludeFromLoadBalancers]: '' } : {}),
  };
}
