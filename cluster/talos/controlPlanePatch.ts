import { type ClusterDefinition, workers } from '../definition';
import { certificateNames } from './clusterPatch';

/** What the control planes have beyond the cluster's patch: Kubernetes' own parts, and workloads if nobody else can. */
export function controlPlanePatch(definition: ClusterDefinition): object {
  const alone = workers(definition).length === 0;
  return {
    // Talos gives control planes a label that keeps load balancers away from them.
    ...(alone && { machine: { nodeLabels: { [excludeFromLoadBalancers]: { $patch: 'delete' } } } }),
    cluster: {
      allowSchedulingOnControlPlanes: alone,
      // Talos adds the cluster endpoint's own name.
      apiServer: { certSANs: certificateNames(definition).filter((name) => name !== definition.apiHost) },
      coreDNS: { disabled: true },
      etcd: { advertisedSubnets: [definition.cidrs.node] },
      proxy: { disabled: true },
    },
  };
}

/** The label that takes a node out of load balancing. */
export const excludeFromLoadBalancers = 'node.kubernetes.io/exclude-from-external-load-balancers';
