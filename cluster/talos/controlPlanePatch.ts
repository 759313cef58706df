import { type ClusterDefinition, workers } from '../definition';
import { certificateNames } from './clusterPatch';

/** The additional Talos patch for control planes: Kubernetes components, and scheduling if there are no workers. */
export function controlPlanePatch(definition: ClusterDefinition): object {
  const schedulable = workers(definition).length === 0;
  return {
    // Talos labels control planes to exclude them from load balancing.
    ...(schedulable && { machine: { nodeLabels: { [excludeFromLoadBalancers]: { $patch: 'delete' } } } }),
    cluster: {
      allowSchedulingOnControlPlanes: schedulable,
      // Talos adds the name of the cluster endpoint.
      apiServer: { certSANs: certificateNames(definition).filter((name) => name !== definition.apiHost) },
      coreDNS: { disabled: true },
      etcd: { advertisedSubnets: [definition.cidrs.node] },
      proxy: { disabled: true },
    },
  };
}

/** The label that excludes a node from load balancing. */
export const excludeFromLoadBalancers = 'node.kubernetes.io/exclude-from-external-load-balancers';
