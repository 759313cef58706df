import { sharedVirtualIps } from '../apiEndpoint';
import { type ClusterDefinition, nodeDialAddress } from '../definition';
import { serviceLogs } from './logging';

/** The port of KubePrism, Talos's load balancer for the Kubernetes API on every node. Cilium's values also use it. */
export const kubePrismPort = 7445;

/** The Talos v1alpha1 patch for all machines of a cluster. */
export function clusterPatch(definition: ClusterDefinition): object {
  const { cidrs, clusterDns, openebsBasePath } = definition;
  return {
    machine: {
      certSANs: certificateNames(definition),
      features: {
        kubePrism: { enabled: true, port: kubePrismPort },
        // Cilium's masquerading drops traffic from pods to the host's link-local DNS address.
        hostDNS: { enabled: true, forwardKubeDNSToHost: false },
      },
      files: [spegelContainerdConfig],
      kubelet: {
        clusterDNS: [clusterDns],
        nodeIP: { validSubnets: cidrs.node },
        ...(openebsBasePath !== undefined && { extraMounts: [sharedMount(openebsBasePath)] }),
      },
      ...(definition.sendsLogs && serviceLogs()),
    },
    cluster: {
      network: {
        cni: { name: 'none' },
        podSubnets: cidrs.pod,
        serviceSubnets: cidrs.service,
      },
    },
  };
}

/** A folder of the host that kubelets mount volumes of pods in. */
function sharedMount(folder: string): object {
  return { source: folder, destination: folder, type: 'bind', options: ['bind', 'rshared', 'rw'] };
}

/** All names and addresses at which the Talos and Kubernetes APIs may be dialled: API host, virtual IPs, nodes and overrides. */
export function certificateNames(definition: ClusterDefinition): string[] {
  const addresses = definition.nodes.flatMap((node) => [node.address, nodeDialAddress(definition, node)]);
  return [...new Set([definition.apiHost, ...sharedVirtualIps(definition.nodes), ...addresses])];
}

// Spegel serves image layers to other nodes, so containerd must keep them after unpacking.
const spegelContainerdConfig = {
  path: '/etc/cri/conf.d/20-customization.part',
  op: 'create',
  content: '[plugins."io.containerd.cri.v1.images"]\n  discard_unpacked_layers = false\n',
};
