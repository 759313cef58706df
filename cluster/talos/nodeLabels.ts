import { isMap } from '../../gitops/kubernetesObject';
import { mergedNodes } from '../machine/machines';
import { excludeFromLoadBalancers } from './controlPlanePatch';

/**
 * The labels of each Kubernetes node whose values follow from its machine's configuration: what the kubelet and Talos set, as
 * our patches leave it, and what the stack says.
 * @param values a stack's configuration by key; what is invalid in it is left out
 */
export function nodeLabels(values: Readonly<Record<string, unknown>>): Record<string, string>[] {
  const nodes = mergedNodes(values).filter(({ name }) => typeof name === 'string');
  const schedulable = values['allowSchedulingOnControlPlanes'] ?? nodes.every(({ role }) => role !== 'worker');
  return nodes.map(({ name, role, nodeLabels: own }) => {
    const isControlPlane = role !== 'worker';
    return {
      'kubernetes.io/hostname': String(name),
      'kubernetes.io/os': 'linux',
      ...(isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
      ...(isControlPlane && schedulable !== true ? { [excludeFromLoadBalancers]: '' } : {}),
      ...(isMap(own) ? Object.fromEntries(Object.entries(own).filter(isText)) : {}),
    };
  });
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}
