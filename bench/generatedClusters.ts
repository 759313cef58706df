import { parse, stringify } from 'yaml';

/** Number of clusters, and of nodes in each. */
export interface ClusterCounts {
  /** At most 60: there is room for their pods in 100.64.0.0/10. */
  clusters: number;
  /** At least 3. */
  nodes: number;
}

/** A cluster that is described by existing files. */
export interface Sample {
  /** The text of its cluster-settings.yaml. */
  settings: string;
  /** The text of its stack file. */
  stack: string;
}

/** Names of the generated clusters. */
export const clusterNames = (clusters: number): string[] => Array.from({ length: clusters }, (_, index) => `c${index}`);

/**
 * Settings and stack files of valid clusters, by path: those of the sample with names, IDs, addresses and nodes of their
 * own. The first cluster owns the zone.
 */
export function generatedClusters({ clusters, nodes }: ClusterCounts, sample: Sample): Record<string, string> {
  return Object.fromEntries(
    clusterNames(clusters).flatMap((name, index) => [
      [`kubernetes/clusters/${name}/cluster-settings.yaml`, settingsOf(name, index, sample.settings)],
      [`Pulumi.${name}.yaml`, stackOf(name, index, nodes, sample.stack)],
    ]),
  );
}

function settingsOf(name: string, index: number, sample: string): string {
  const [subnet, services] = [`10.${index + 1}`, `10.${index + 101}`];
  const values: Record<string, string> = {
    CLUSTER: name,
    CLUSTER_ID: `"${index + 1}"`,
    NODE_CIDR: `${subnet}.0.0/20`,
    POD_CIDR: `100.${64 + index}.0.0/16`,
    SERVICE_CIDR: `${services}.0.0/16`,
    NATIVE_ROUTING_CIDR: '100.64.0.0/10',
    K8S_API_HOST: `${name}-k8s.example.org`,
    CILIUM_LB_POOL_START: `${subnet}.15.100`,
    CILIUM_LB_POOL_END: `${subnet}.15.119`,
    CLUSTERMESH_IP: `${subnet}.15.100`,
    CILIUM_GATEWAY_LB_IP: `${subnet}.15.110`,
    CILIUM_GATEWAY_EXTERNAL_LB_IP: `${subnet}.15.111`,
    COREDNS_CLUSTER_IP: `${services}.0.10`,
  };
  return sample.replace(/^( {2})(\w+): .*$/gm, (line, indent: string, key: string) =>
    values[key] === undefined ? line : `${indent}${key}: ${values[key]}`,
  );
}

interface StackFile {
  config: Record<string, Record<string, unknown>>;
}

function stackOf(name: string, index: number, nodes: number, sample: string): string {
  const { config } = parse(sample) as StackFile;
  const address = (host: number): string => `10.${index + 1}.${Math.floor(host / 250)}.${(host % 250) + 1}`;
  const list = Array.from({ length: nodes }, (_, node) => ({
    name: `${name}-${node}`,
    role: node < 3 ? 'controlplane' : 'worker',
    address: address(node + 10),
  }));
  return stringify({
    config: {
      ...config,
      'k8s-gitops:nodes': list,
      'k8s-gitops:network': { ...config['k8s-gitops:network'], gateway: address(0), nameservers: [address(0)] },
      'k8s-gitops:cloudflare': { ...config['k8s-gitops:cloudflare'], ownsZone: index === 0 },
    },
  });
}
